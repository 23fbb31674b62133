"""A member's voice in a WAV: gaps stay gaps, in their place."""

from __future__ import annotations

import wave
from collections.abc import Iterator

import numpy as np
import pytest

from cli.diagnostics import tap_audio
from cli.diagnostics.tap_audio import LONGEST_GAP, FramePlacement, WavRecorder
from cli.shared.failures import CommandError
from common.files.paths import Paths
from common.messages import AudioFrame

TONE = np.full(480, 1000, "<i2").tobytes()


def frame(tick: int, boot: str = "a", tick_ns: int = 0, peer: str = "2.PS5") -> AudioFrame:
    return AudioFrame(peer=peer, boot=boot, tick=tick, tick_ns=tick_ns or tick * 10_000_000)


class Source:
    """Gives its frames once, then interrupts as Ctrl-C would."""

    def __init__(self, *frames: tuple[AudioFrame, bytes]) -> None:
        self._frames = frames

    def receive(self, _: int) -> Iterator[tuple[AudioFrame, bytes]]:
        yield from self._frames
        raise KeyboardInterrupt


def recorded(path, *frames: tuple[AudioFrame, bytes]) -> np.ndarray:
    with wave.open(str(path), "wb") as wav:
        wav.setparams((1, 2, 48000, 0, "NONE", ""))
        recorder = WavRecorder(wav, Source(*frames), "2.PS5")
        with pytest.raises(KeyboardInterrupt):
            recorder.run(0)
    with wave.open(str(path), "rb") as wav:
        assert (wav.getnchannels(), wav.getsampwidth(), wav.getframerate()) == (1, 2, 48000)
        samples = np.frombuffer(wav.readframes(wav.getnframes()), "<i2")
    return samples.reshape(-1, 480)[:, 0]


def test_a_missing_tick_is_silence_and_so_is_a_frame_without_samples(tmp_path):
    found = recorded(tmp_path / "x.wav", (frame(5), TONE), (frame(6), b""), (frame(9), TONE))
    assert found.tolist() == [1000, 0, 0, 0, 1000]


def test_late_and_double_frames_are_left_out(tmp_path):
    assert len(recorded(tmp_path / "x.wav", (frame(5), TONE), (frame(5), TONE), (frame(4), TONE))) == 1


def test_another_member_whose_key_begins_alike_is_left_out(tmp_path):
    frames = (frame(1), TONE), (frame(2, peer="2.PS55"), TONE)
    assert len(recorded(tmp_path / "x.wav", *frames)) == 1


def test_a_restart_of_media_leaves_the_gap_that_the_clock_says():
    line = FramePlacement()
    assert line.gap(frame(700, "a", tick_ns=1_000_000_000)) == 0
    assert line.gap(frame(0, "b", tick_ns=2_000_000_000)) == 99
    assert line.gap(frame(1, "b", tick_ns=2_010_000_000)) == 0
    assert line.missing == 99


def test_a_tick_from_nowhere_does_not_fill_the_disk():
    line = FramePlacement()
    line.gap(frame(1))
    assert line.gap(frame(LONGEST_GAP * 10)) == 0


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    with (
        pytest.raises(CommandError, match="cannot be written"),
        tap_audio.recording(tmp_path / "no" / "x.wav", Paths(tmp_path), "2.PS5"),
    ):
        pass


def test_when_nothing_came_it_says_so_and_the_file_is_a_valid_empty_wav(tmp_path):
    file = tmp_path / "x.wav"
    with tap_audio.recording(file, Paths(tmp_path), "2.PS5") as recorder:
        recorder.run(0.05)
    with pytest.raises(CommandError, match="No sound of"):
        recorder.summary("Bo", file)
    with wave.open(str(file)) as wav:
        assert wav.getnframes() == 0
