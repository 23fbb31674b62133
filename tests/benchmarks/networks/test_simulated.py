"""Systems in simulated time: what they do to a talk, and that aiortc's buffer is the one that aiortc uses."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from aiortc.rtcrtpreceiver import RTCRtpReceiver

from benchmarks.receive.judge.score import Heard
from benchmarks.receive.networks.case import NetworkCase
from benchmarks.receive.networks.draw.kinds import KINDS
from benchmarks.receive.networks.play import simulated
from benchmarks.receive.networks.seeds import tuning
from benchmarks.receive.networks.speak.encoded import reference
from benchmarks.receive.networks.speak.talk import COLOURS, ROOM_DB, active_level, noise, talk, talker
from benchmarks.receive.play.offline import BEGAN_NS

CASE = NetworkCase(tuning(KINDS.index("loss")), 0, 6.0)


def _level(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))


def test_aiortc_has_the_buffer_that_is_simulated() -> None:
    source = inspect.getsource(RTCRtpReceiver.__init__)
    wanted = f"JitterBuffer(capacity={simulated._AIORTC_CAPACITY}, prefetch={simulated._AIORTC_PREFETCH})"
    assert wanted in " ".join(source.split())


@pytest.mark.parametrize("system", ["ours", "aiortc", "ceiling"])
def test_a_system_plays_the_talk_the_same_way_each_time(system: str) -> None:
    first, second = simulated.SYSTEMS[system](CASE), simulated.SYSTEMS[system](CASE)
    assert isinstance(first, Heard)
    assert np.array_equal(first.samples, second.samples)
    assert len(first.samples) == 480 * len(first.stamps_ns)
    assert _level(first.samples) > 0.3 * _level(reference(CASE.talker))
    assert abs(first.stamps_ns[0] - BEGAN_NS) <= 500e6


def test_packets_of_a_pause_are_not_sent_with_dtx_and_carry_their_time() -> None:
    drawn = (NetworkCase(tuning(index), 0, 12.0) for index in range(400))
    said = next(case for case in drawn if case.talker.dtx and case.talker.room_db < -60).spoken()
    assert len(said.packets) < len(said.plain)
    ticks = [packet.timestamp for packet in said.packets]
    assert max(np.diff(ticks)) > 48 * said.packet_ms
    assert [packet.sequence for packet in said.packets] == list(
        range(said.packets[0].sequence, said.packets[0].sequence + len(ticks))
    )


@pytest.mark.parametrize("colour", COLOURS)
def test_a_room_has_the_level_that_was_drawn(colour: str) -> None:
    made = noise(colour, 32_000, np.random.default_rng(1))
    assert _level(made) == pytest.approx(1.0, rel=0.01)


def test_speech_stands_out_of_its_room_by_the_clean_voice_and_not_by_the_level() -> None:
    one = talker(5, 1, 6.0)
    assert ROOM_DB[0] <= one.room_db <= ROOM_DB[1]
    made = talk(one)
    assert 0.2 < made.loud.mean() < 0.95
    assert active_level(np.full(1600, 0.1, np.float32)) == pytest.approx(0.1)


def test_our_path_can_be_played_with_other_arguments() -> None:
    slow = simulated.player("ours min_delay_ms=120 latency=smooth")(CASE)
    assert not np.array_equal(slow.samples, simulated.ours(CASE).samples)
    assert simulated.player("aiortc") is simulated.aiortc
    with pytest.raises(ValueError, match="only ours takes arguments"):
        simulated.player("aiortc min_delay_ms=3")
