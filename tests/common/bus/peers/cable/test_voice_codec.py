"""Voices through encoder, a way that loses messages, and decoder."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from common.bus.peers.cable.voice_codec import VoiceDecoders, VoiceEncoders
from common.bus.peers.cable.voice_ticks import TickSound, VoiceTick
from common.bus.voice.opus import find_library
from common.messages import FRAME_SAMPLES, SAMPLE_RATE, AudioFrame
from tests.workers.media.receive.voice.sounds import hum

LATE = 120
"""Samples by which the codec is late, 2.5 ms."""


class Line:
    """One talker's frames, of which some are lost on the way."""

    def __init__(self) -> None:
        self.encoders = VoiceEncoders()
        self.decoders = VoiceDecoders(find_library())
        self.frames: dict[int, tuple[AudioFrame, bytes]] = {}
        self.packets: list[int] = []

    def say(self, tick: int, samples: bytes, *, sounding: bool = True, lost: bool = False, boot: str = "b") -> None:
        sent = AudioFrame(peer="a", boot=boot, tick=tick, tick_ns=tick * 10_000_000, arrived_ns=7, sounding=sounding)
        packet = self.encoders.encode(sent, samples)
        self.packets.append(len(packet))
        if lost:
            return
        sounds = (TickSound("a", packet, 7, sounding, False),) if packet or sounding else ()
        silent = () if sounds else ("a",)
        message = VoiceTick(boot=boot, tick=tick, tick_ns=sent.tick_ns, sounds=sounds, silent=silent)
        for frame, sound in self.decoders.decode(message):
            assert frame.tick not in self.frames
            assert frame.tick_ns == frame.tick * 10_000_000
            self.frames[frame.tick] = (frame, sound)

    def sound(self) -> NDArray[np.int16]:
        ticks = range(min(self.frames), max(self.frames) + 1)
        return np.concatenate(
            [np.frombuffer(self.frames[tick][1] or bytes(2 * FRAME_SAMPLES), "<i2") for tick in ticks]
        )


@pytest.fixture
def voice() -> NDArray[np.int16]:
    at = np.arange(FRAME_SAMPLES * 100) / SAMPLE_RATE
    return np.rint(hum(300, len(at)) * (0.7 + 0.3 * np.sin(2 * np.pi * 3.7 * at))).astype(np.int16)


def part(voice: NDArray[np.int16], tick: int) -> bytes:
    return voice[tick * FRAME_SAMPLES : (tick + 1) * FRAME_SAMPLES].tobytes()


def correlation(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    return float(np.corrcoef(one.astype(float), other.astype(float))[0, 1])


def test_a_voice_comes_out_as_it_went_in_and_two_and_a_half_ms_later(voice: NDArray[np.int16]) -> None:
    line = Line()
    for tick in range(100):
        line.say(tick, part(voice, tick))
    found = line.sound()
    assert correlation(found[FRAME_SAMPLES + LATE :], voice[FRAME_SAMPLES:-LATE]) > 0.98
    assert line.decoders.concealed == 0
    assert {frame.arrived_ns for frame, _ in line.frames.values()} == {7}
    assert sum(line.packets) * 8 * SAMPLE_RATE / (100 * FRAME_SAMPLES) < 110_000


def test_the_end_of_a_word_is_sent_and_silence_after_it_costs_nothing(voice: NDArray[np.int16]) -> None:
    line = Line()
    for tick in range(10):
        line.say(tick, part(voice, tick))
    for tick in range(10, 30):
        line.say(tick, b"", sounding=False)
    assert line.packets[10] > 0
    assert set(line.packets[11:]) == {0}
    tail = np.frombuffer(line.frames[10][1], "<i2")
    assert np.abs(tail[:LATE]).max() > 500
    assert line.frames[11][1] == b""
    assert not line.frames[20][0].sounding


@pytest.mark.parametrize("hole", [1, 3, 8])
def test_a_hole_in_speech_is_filled(voice: NDArray[np.int16], hole: int) -> None:
    line = Line()
    for tick in range(100):
        line.say(tick, part(voice, tick), lost=50 <= tick < 50 + hole)
    made = [tick for tick, (frame, _) in line.frames.items() if frame.concealed]
    assert sorted(made) == list(range(50, 50 + hole))
    assert line.decoders.concealed == hole
    filled = np.frombuffer(line.frames[50][1], "<i2").astype(float)
    assert np.sqrt(np.mean(filled**2)) > 0.3 * np.sqrt(np.mean(voice.astype(float) ** 2))
    jump = np.abs(np.diff(line.sound().astype(int)[48 * FRAME_SAMPLES : 62 * FRAME_SAMPLES])).max()
    usual = np.abs(np.diff(line.sound().astype(int)[20 * FRAME_SAMPLES : 40 * FRAME_SAMPLES])).max()
    assert jump < 2.5 * usual


def test_a_hole_in_silence_and_one_that_is_too_long_are_left(voice: NDArray[np.int16]) -> None:
    line = Line()
    line.say(0, b"", sounding=False)
    line.say(5, part(voice, 5))
    line.say(60, part(voice, 60))
    assert line.decoders.concealed == 0
    assert sorted(line.frames) == [0, 5, 60]


def test_a_new_run_of_media_is_a_new_voice(voice: NDArray[np.int16]) -> None:
    line = Line()
    line.say(50, part(voice, 50))
    line.say(70, part(voice, 70), boot="c")
    assert line.decoders.concealed == 0


def test_a_packet_that_is_none_is_made_up(voice: NDArray[np.int16]) -> None:
    line = Line()
    for tick in range(10):
        line.say(tick, part(voice, tick))
    broken = TickSound("a", b"\xff\xff\xff", 7, True, False)
    ((frame, samples),) = line.decoders.decode(
        VoiceTick(boot="b", tick=10, tick_ns=10 * 10_000_000, sounds=(broken,), silent=())
    )
    assert frame.concealed
    assert len(samples) == 2 * FRAME_SAMPLES
