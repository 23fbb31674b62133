"""The bridge's mix beside the members' own connections: every voice is heard, none of them twice."""

from __future__ import annotations

import numpy as np
import pytest

from common.messages import BRIDGE_PEER, FRAME_SAMPLES
from workers.media.bridge.bridge_gate import HOLD_NS, BridgeGate, choose_ways
from workers.media.receive.path import VoiceFrame

TICK_NS = 10_000_000


def frame(level: int = 1000) -> VoiceFrame:
    return VoiceFrame(np.full(FRAME_SAMPLES, level, np.int16), concealed=True, sounding=True, arrived_ns=7)


def silent(found: VoiceFrame) -> bool:
    return found.samples is None and not found.sounding


def test_the_bridge_is_silent_while_every_member_has_its_own_connection() -> None:
    gate = BridgeGate()
    assert all(silent(gate.filter(frame(), tick * TICK_NS)) for tick in range(200))


def test_it_sounds_for_as_long_as_somebody_has_none() -> None:
    gate = BridgeGate()
    gate.set_needed(needed=True)
    assert not silent(gate.filter(frame(), 0))
    same = frame()
    assert gate.filter(same, TICK_NS) is same
    gate.set_needed(needed=False)
    assert not silent(gate.filter(frame(), 2 * TICK_NS))  # it is faded out
    assert silent(gate.filter(frame(), 3 * TICK_NS))


def test_what_an_own_connection_brings_is_not_heard_again_a_little_later() -> None:
    gate = BridgeGate()
    gate.set_needed(needed=True)
    for tick in range(10):
        gate.filter(frame(), tick * TICK_NS)
    spoke = 10 * TICK_NS
    gate.record_own_voice("1.PS5", spoke)
    gate.filter(frame(), spoke)
    ticks = range(11, 10 + HOLD_NS // TICK_NS)
    assert all(silent(gate.filter(frame(), tick * TICK_NS)) for tick in ticks)
    assert not silent(gate.filter(frame(), spoke + HOLD_NS))


def spoken(gate: BridgeGate, start: int, *, mix: range, own: range = range(60), ticks: int = 150) -> tuple[int, int]:
    """Play ticks in which a member and the mix sound in those ranges; return the next tick, and how many sounded."""
    heard = 0
    for tick in range(ticks):
        now = (start + tick) * TICK_NS
        if tick in own:
            gate.record_own_voice("1.PS5", now)
        heard += not silent(gate.filter(frame() if tick in mix else VoiceFrame(None), now))
    return start + ticks, heard


def test_a_mix_that_is_silent_while_somebody_speaks_does_not_carry_that_voice_and_sounds_beside_it() -> None:
    gate = BridgeGate()
    gate.set_needed(needed=True)
    now, _ = spoken(gate, 100, mix=range(0))
    now, heard = spoken(gate, now, mix=range(20, 50))
    assert heard == 0, "once may be chance"
    for _ in range(2):
        now, _ = spoken(gate, now, mix=range(0))
    now, heard = spoken(gate, now, mix=range(20, 50))
    assert heard == 30


def test_a_mix_that_begins_to_carry_a_voice_is_noticed() -> None:
    gate = BridgeGate()
    gate.set_needed(needed=True)
    now = 100
    for _ in range(2):
        now, _ = spoken(gate, now, mix=range(0))
    heard = [0]
    for _ in range(4):
        now, more = spoken(gate, now, mix=range(20, 80))
        heard.append(more)
    assert heard[-1] == 0


def test_another_bridge_is_learnt_afresh() -> None:
    gate = BridgeGate()
    gate.set_needed(needed=True)
    now = 100
    for _ in range(2):
        now, _ = spoken(gate, now, mix=range(0))
    _, heard = spoken(gate, now + 200, mix=range(20, 50))
    assert heard == 0


def test_it_opens_and_closes_without_a_click() -> None:
    gate = BridgeGate()
    gate.set_needed(needed=True)
    opened = gate.filter(frame(), 0)
    assert opened.samples is not None
    assert (opened.samples[0], opened.samples[-1]) == (0, 1000)
    assert (opened.concealed, opened.sounding, opened.arrived_ns) == (True, True, 7)
    gate.record_own_voice("1.PS5", TICK_NS)
    closed = gate.filter(frame(), TICK_NS)
    assert closed.samples is not None
    assert (closed.samples[0], closed.samples[-1]) == (1000, 0)


def test_silence_needs_no_ramp() -> None:
    gate = BridgeGate()
    gate.set_needed(needed=True)
    quiet = VoiceFrame(None)
    assert gate.filter(quiet, 0) is quiet


@pytest.mark.parametrize(
    ("far", "bridge", "speaks", "expected"),
    [
        (True, True, True, ("own", "own", "none")),
        (False, True, True, ("own", "bridge", "bridge")),
        (False, True, False, ("own", "none", "none")),
        (False, False, True, ("own", "none", "none")),
    ],
)
def test_everybody_has_one_way(*, far: bool, bridge: bool, speaks: bool, expected: tuple[str, str, str]) -> None:
    found = choose_ways({"1.PS5": True, "2.PS5": far, BRIDGE_PEER: bridge}, bridge_speaks=speaks)
    assert tuple(found.values()) == expected


def test_without_a_bridge_a_member_is_heard_by_itself_or_not_at_all() -> None:
    assert choose_ways({"1.PS5": True, "2.PS5": False}, bridge_speaks=False) == {"1.PS5": "own", "2.PS5": "none"}
