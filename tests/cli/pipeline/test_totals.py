"""The report adds up what was heard while one listened, not before, and across reconnects."""

from __future__ import annotations

from cli.pipeline.totals import ListeningReport, Totals
from common.messages import MixerState, MixerTalker, PeerState
from tests.cli.shared.bus_states import bus_state
from tests.support.made import BO, party, peer_state

PARTY = bus_state(party())


def report(*messages: PeerState | MixerState, fresh: bool = True) -> ListeningReport:
    totals = Totals(fresh=fresh)
    for message in messages:
        totals.on_message(message, PARTY)
    return totals.report(30.0)


def at(seconds: float, **more: object) -> PeerState:
    return peer_state(
        **{
            "heard_s": seconds,
            "packets": int(seconds * 25),
            "frames": int(seconds * 100),
            "concealed_frames": int(seconds),
            "delay_ms": 40.0,
            **more,
        }
    )


def mixer(missing: int = 0, age_ms: float = 60.0) -> MixerState:
    talker = MixerTalker(peer=BO.peer, missing=missing, age_ms=age_ms)
    return MixerState(
        sink="file", wanted_sink="file", target="x.wav", where="to the file x.wav", latency_ms=5, talkers=(talker,)
    )


def test_from_a_fresh_start_everything_counts():
    (member,) = report(at(2), at(10)).members
    assert (member.name, member.heard_s, member.packets, member.frames) == ("Bo-Streams", 10, 250, 1000)
    assert member.concealed_share == 0.01


def test_of_a_pipeline_that_ran_before_only_the_new_counts():
    (member,) = report(at(100), mixer(missing=7), at(110), mixer(missing=9), fresh=False).members
    assert (member.heard_s, member.packets, member.missing) == (10, 250, 2)


def test_a_new_connection_of_a_member_is_added_to_the_old_one():
    (member,) = report(at(10), at(3)).members
    assert (member.heard_s, member.packets) == (13, 325)


def test_a_restarted_mixer_counts_on():
    (member,) = report(mixer(missing=5), mixer(missing=2)).members
    assert member.missing == 7


def test_the_delay_is_what_the_ear_meets():
    (member,) = report(at(1), mixer(), at(2), mixer(age_ms=70.0), at(2), mixer(age_ms=0.0)).members
    assert (member.receive_delay_ms, member.age_ms, member.delay_ms) == (40.0, 65.0, 70.0)


def test_without_the_mixers_figures_the_receive_path_and_the_sink_are_the_delay():
    (member,) = report(at(1), mixer(age_ms=0.0)).members
    assert member.delay_ms == 45.0


def test_who_talked_most_comes_first_and_the_silent_are_there_too():
    quiet = PeerState(account_id="3", platform="MOBILE_APP", online_id="Cleo_99", connection="connected")
    assert [member.name for member in report(quiet, at(3)).members] == ["Bo-Streams", "Cleo_99"]
