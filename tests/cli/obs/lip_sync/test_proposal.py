"""Which one delay brings the party and the microphone together, and where it can be set."""

from __future__ import annotations

from cli.obs.lip_sync.estimate import LEAST_VOICE_S, Lag
from cli.obs.lip_sync.proposal import Offsets, doubt, propose


def sure(ms: float) -> Lag:
    return Lag(ms / 1000, 0.9, 0.2, 0.01, 12.0)


def measured(behind_ms: float) -> tuple[Lag, Lag]:
    """Return lags by which the party comes so much later than the microphone."""
    return sure(-100), sure(behind_ms - 100)


def test_a_party_that_is_late_must_be_earlier_which_only_obs_can_do() -> None:
    found = propose(*measured(200), Offsets())
    assert (found.behind_ms, found.delay_ms) == (200, -200)
    assert found.refusal("obs") == ""
    assert "not make it earlier" in found.refusal("here")


def test_a_microphone_that_is_delayed_to_the_picture_takes_the_party_with_it() -> None:
    found = propose(*measured(200), Offsets(microphone=500))
    assert (found.behind_ms, found.delay_ms) == (-300, 300)
    assert found.refusal("obs") == found.refusal("here") == ""


def test_what_is_set_already_is_taken_into_account_and_replaced() -> None:
    """The mix's delay is in what was measured, the sync offset of our sources is not: OBS's meters are before it."""
    by_mix = propose(*measured(200 + 300), Offsets(microphone=500, mix=300))
    assert (by_mix.behind_ms, by_mix.delay_ms) == (0, 300)
    by_obs = propose(*measured(200), Offsets(microphone=500, ours=300))
    assert (by_obs.behind_ms, by_obs.delay_ms) == (0, 300)


def test_what_goes_beyond_a_limit_is_refused_in_words() -> None:
    far = propose(*measured(0), Offsets(microphone=3000))
    assert "2000 ms" in far.refusal("here")
    assert far.refusal("obs") == ""
    assert "-950" in propose(*measured(1200), Offsets()).refusal("obs")


def test_each_doubt_has_its_words() -> None:
    weak, short = Lag(0.1, 0.4, 0.3, 0.01, 12.0), Lag(0.1, 0.9, 0.2, 0.01, 1.0)
    assert doubt(sure(0), sure(0), "Mic/Aux") is None
    found = [
        doubt(mine, path, "Mic/Aux")
        for mine, path in ((None, sure(0)), (short, sure(0)), (weak, sure(0)), (sure(0), None), (sure(0), weak))
    ]
    words = [one[0] for one in found if one is not None]
    assert len(words) == 5
    assert [word.split("'")[0] for word in words] == [
        "Too little was heard of ",
        "Too little was heard of ",
        "What ",
        "Too little was heard of the others in OBS, so the way from partyline to OBS could not be measured.",
        "What our source in OBS carries is not like the others",
    ]


def test_limits_belong_to_what_is_allowed() -> None:
    assert propose(*measured(950), Offsets()).refusal("obs") == ""
    assert propose(*measured(0), Offsets(microphone=20_000)).refusal("obs") == ""
    assert propose(*measured(0), Offsets(microphone=20_010)).refusal("obs") != ""
    assert propose(*measured(0), Offsets()).refusal("here") == ""
    assert propose(*measured(0), Offsets(microphone=2000)).refusal("here") == ""


def test_seconds_become_milliseconds_and_nothing_is_set_at_first() -> None:
    assert propose(*measured(10_000), Offsets()).behind_ms == 10_000
    assert Offsets() == Offsets(microphone=0, ours=0, mix=0)


def test_just_enough_voice_is_enough() -> None:
    enough = Lag(0.1, 0.9, 0.2, 0.01, LEAST_VOICE_S)
    assert doubt(enough, enough, "Mic/Aux") is None
