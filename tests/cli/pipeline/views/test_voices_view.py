"""How each voice arrives, as `partyline status` shows it."""

from __future__ import annotations

from cli.pipeline.views import status_view
from cli.shared.terminal import Style
from common.messages import BRIDGE, MixerState, MixerTalker, PeerState, PlayoutDelay, TalkerProcessing, Trying
from tests.cli.shared.bus_states import bus_state
from tests.support.made import BO, CLEO, NOW, party, peer_state

PLAIN = Style(on=False)


def test_the_status_says_what_is_tried_with_whom():
    trying = Trying(
        members={peer_state().key(): "trying form 3 of 32: frame.line=2/1/1", "1.PS5": "of somebody who left"}
    )
    shown = status_view.lines(bus_state(party(), peer_state(connection="connecting"), trying), NOW, NOW, PLAIN)
    assert "  Bo-Streams: trying form 3 of 32: frame.line=2/1/1" in shown
    assert not any("somebody who left" in line for line in shown)


def test_the_status_says_which_way_a_voice_comes():
    bridge = {"account_id": BRIDGE.account_id, "platform": BRIDGE.platform, "connection": "connected"}
    shown = "\n".join(
        status_view.lines(bus_state(party(), peer_state(way="own"), PeerState(**bridge)), NOW, NOW, PLAIN)
    )
    assert "connected, on standby" in shown
    assert "through the bridge" not in shown
    state = bus_state(party(), peer_state(connection="failed", way="bridge"), PeerState(**bridge, way="bridge"))
    shown = "\n".join(status_view.lines(state, NOW, NOW, PLAIN))
    assert "failed, heard through the bridge" in shown
    assert "on standby" not in shown


def test_the_status_says_who_is_silenced_by_somebody_elses_solo():
    talkers = (MixerTalker(peer=BO.peer, solo=True), MixerTalker(peer=CLEO.peer, hushed=True))
    mixer = MixerState(sink="null", wanted_sink="null", where="nowhere", solo=True, talkers=talkers)
    shown = status_view.lines(bus_state(party(), peer_state(), mixer), NOW, NOW, PLAIN)
    assert [line.split("  ")[-1].strip() for line in shown if "Bo-Streams" in line] == ["0 dB"]
    assert [line.split("  ")[-1].strip() for line in shown if "Cleo_99" in line] == ["muted by solo"]


def test_the_status_marks_the_own_member():
    talkers = (MixerTalker(peer=BO.peer, muted=True),)
    mixer = MixerState(sink="null", wanted_sink="null", where="nowhere", own_account=BO.account_id, talkers=talkers)
    shown = status_view.lines(bus_state(party(), peer_state(), mixer), NOW, NOW, PLAIN)
    assert [line for line in shown if "you)" in line] == [line for line in shown if "Bo-Streams" in line]
    unknown = MixerState(sink="null", wanted_sink="null", where="nowhere")
    shown = status_view.lines(bus_state(party(), peer_state(), unknown), NOW, NOW, PLAIN)
    assert not [line for line in shown if "you)" in line]


def test_the_status_says_what_is_done_with_a_voice_and_when_suppression_paused_itself():
    wanted = TalkerProcessing(gate_db=-45, suppress=True, pan=-0.4)
    talkers = (MixerTalker(peer=BO.peer, processing=wanted, processing_ms=30.0), MixerTalker(peer=CLEO.peer))
    mixer = MixerState(
        sink="null", wanted_sink="null", where="nowhere", talkers=talkers,
        no_suppression="It is paused.", suppression_pauses=2, suppression_paused_at=NOW - 20,
    )  # fmt: skip
    shown = status_view.lines(bus_state(party(), peer_state(), mixer), NOW, NOW, PLAIN)
    at = shown.index("  Bo-Streams: gate at -45 dBFS, noise suppression, panned 40 % left, heard 30 ms later")
    assert shown[at + 1 : at + 3] == [
        "  It is paused.",
        "  Noise suppression paused itself 2 times, last 20 s ago: this machine did not keep up.",
    ]


def test_the_status_says_what_the_delay_is_for_and_the_one_that_all_have():
    def delay(*found: PlayoutDelay) -> list[str]:
        lines = status_view.lines(bus_state(party(), peer_state(), *found), NOW, NOW, PLAIN)
        return [line for line in lines if line.startswith("Delay ")]

    assert delay() == []
    [line] = delay(PlayoutDelay(latency="low"))
    assert line == "Delay    low, for talking back: the shortest delay, with single losses audible"
    [line] = delay(PlayoutDelay(latency="steady", common_ms=120, changes=1))
    assert line.endswith("changes only while nobody speaks. It is 120 ms, changed 1 time")
    [line] = delay(PlayoutDelay(latency="steady", common_ms=120, alone={BO.peer: 180}, exceeded=1))
    assert line.endswith("changed 0 times. Bo-Streams waits for 180 ms until nobody speaks")
