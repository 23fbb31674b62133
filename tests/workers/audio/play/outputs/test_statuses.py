"""What is said of each output."""

from __future__ import annotations

from typing import Any

import pytest

from common.messages import MixerState, MixerTalker
from workers.audio.play.outputs.choices import OutputPlan
from workers.audio.play.outputs.lines import PlayerOrder, PlayerReport
from workers.audio.play.outputs.statuses import delay_ms, further_status, main_status, order_of, problem_of

PLAN = OutputPlan(name="obs", device="BlackHole", gain_db=-3)
PLAYING = PlayerReport(
    device="BlackHole", phase="playing", target="BlackHole 2ch", latency_ms=10, age_ms=30.5, clock_ppm=4, render_ms=2
)
WAITING = PlayerReport(device="BlackHole", phase="waiting", message="There is no BlackHole.", remedy="Install it.")


def mixer(**more: Any) -> MixerState:
    fields = {"sink": "device", "wanted_sink": "device", "where": "to X", "target": "X", "latency_ms": 20.0}
    return MixerState(**{**fields, **more})


def test_an_order_has_all_that_is_wanted() -> None:
    order = order_of(PLAN, mix_delay_ms=50, latency_ms=30, queue_ms=40, needed=False)
    assert order == PlayerOrder(
        device="BlackHole", latency_ms=30, queue_ms=40, gain_db=-3, delay_ms=50, muted=False, needed=False
    )


def test_a_delay_of_its_own_replaces_the_mixs_also_if_it_is_none() -> None:
    assert delay_ms(PLAN, 50) == 50
    assert delay_ms(OutputPlan(name="obs", delay_ms=0.0), 50) == 0


def test_the_main_output_tells_its_whole_latency_while_it_plays() -> None:
    talkers = (MixerTalker(peer="1.PS5", missing=3, dropped=1), MixerTalker(peer="2.PS5", missing=1, dropped=2))
    found = main_status(OutputPlan(name="main", delay_ms=7.0), mixer(talkers=talkers, delay_ms=50), "", 25.2)
    assert (found.name, found.phase, found.where, found.target) == ("main", "playing", "to X", "X")
    assert (found.latency_ms, found.delay_ms, found.own_delay) == (45.2, 7, True)
    assert (found.missing, found.dropped) == (3, 2)
    assert main_status(OutputPlan(name="main"), mixer(), "", 0.0).latency_ms == 0


@pytest.mark.parametrize(
    ("state", "phase"), [({}, "playing"), ({"sink": "null"}, "waiting"), ({"sink": "null", "resting": True}, "resting")]
)
def test_the_main_output_says_how_it_stands(state: dict[str, Any], phase: str) -> None:
    found = main_status(OutputPlan(name="main", muted=True), mixer(**state), "X", 25)
    assert (found.phase, found.where, found.muted, found.device) == (phase, "to X, muted", True, "X")
    assert (found.latency_ms > 0) is (phase == "playing")


def test_a_further_output_that_plays_tells_its_device_and_figures() -> None:
    found = further_status(PLAN, PLAYING, 50)
    assert (found.phase, found.where) == ("playing", "to the sound device “BlackHole 2ch”")
    assert (found.latency_ms, found.clock_ppm, found.render_ms) == (40.5, 4, 2)
    assert (found.gain_db, found.delay_ms, found.own_delay) == (-3, 50, False)
    assert problem_of(PLAN, PLAYING) is None


@pytest.mark.parametrize(
    ("report", "more", "phase", "words"),
    [
        (None, {}, "starting", "to the sound device “BlackHole”, which is being opened"),
        (None, {"ended": "it failed"}, "waiting", "nowhere: its process ended (it failed) and is restarted"),
        (WAITING, {}, "waiting", "nowhere: there is no sound device “BlackHole” that takes sound"),
        (
            PlayerReport(device="BlackHole", phase="resting", target="BlackHole 2ch"),
            {},
            "resting",
            "to the sound device “BlackHole 2ch”, which is resting until a party is joined",
        ),
        (PLAYING, {"same_as": "main"}, "refused", "nowhere: the output “main” plays on “BlackHole 2ch” already"),
        (
            PlayerReport(device="Speakers", phase="playing"),
            {},
            "starting",
            "to the sound device “BlackHole”, which is being opened",
        ),
    ],
)
def test_a_further_output_says_why_it_does_not_play(
    report: PlayerReport | None, more: dict[str, str], phase: str, words: str
) -> None:
    found = further_status(PLAN, report, 0, **more)
    assert (found.phase, found.where) == (phase, words)
    assert found.latency_ms == 0


def test_what_keeps_an_output_from_playing_is_a_problem_in_words() -> None:
    for found, part in (
        (problem_of(PLAN, WAITING), "There is no BlackHole. The other outputs continue."),
        (problem_of(PLAN, PLAYING, same_as="main"), "'main' plays on the same device"),
        (problem_of(PLAN, None, ended="it failed"), "it failed. The other outputs continue."),
    ):
        assert found is not None
        message, remedy = found
        assert part in message
        assert "'obs'" in message
        assert remedy
    assert problem_of(PLAN, None) is None
    assert problem_of(PLAN, PlayerReport(device="Other", phase="waiting", message="No.")) is None


def test_the_remedy_names_the_command_for_this_output_and_not_the_main_ones_setting() -> None:
    for remedy, said in (
        ("Plug it in, or set [audio] device to a part of it.", "`partyline output device obs DEVICE`"),
        ("Install it.", "Install it."),
    ):
        found = problem_of(PLAN, PlayerReport(device="BlackHole", phase="waiting", message="No.", remedy=remedy))
        assert found is not None
        assert said in found[1]
        assert "[audio]" not in found[1]


def test_a_muted_output_says_so() -> None:
    assert further_status(OutputPlan(name="obs", device="BlackHole", muted=True), PLAYING, 0).where.endswith(", muted")
