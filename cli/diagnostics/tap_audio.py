"""A WAV recorder of a member's frames from the audio plane."""

from __future__ import annotations

import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.shared import far
from cli.shared.failures import CommandError
from cli.shared.terminal import span
from common.bus import AudioSubscriber
from common.files.paths import Paths
from common.messages import FRAME_MS, SAMPLE_RATE, AudioFrame
from common.messages.wire import PCM_BYTES

WAIT_MS = 100
LONGEST_GAP = 60_000
"""Longest gap in frames (10 minutes). A longer one is an invalid tick, not silence."""
_SILENCE = bytes(PCM_BYTES)


class FramePlacement:
    """Places frames in time: by tick within a run of media, by the clock from one run to the next."""

    def __init__(self) -> None:
        self._boot = ""
        self._tick = 0
        self._tick_ns = 0
        self.missing = 0
        """Lost frames."""

    def gap(self, frame: AudioFrame) -> int | None:
        """Return the number of silent frames before `frame`, or None if it is late or a duplicate."""
        if not self._boot:
            ahead = 0
        elif frame.boot == self._boot:
            ahead = frame.tick - self._tick - 1
            if ahead < 0:
                return None
        else:
            ahead = max(0, round((frame.tick_ns - self._tick_ns) / (FRAME_MS * 1e6)) - 1)
        self._boot, self._tick, self._tick_ns = frame.boot, frame.tick, frame.tick_ns
        ahead = ahead if ahead <= LONGEST_GAP else 0
        self.missing += ahead
        return ahead


class WavRecorder:
    """Writes received frames. The file is a valid WAV at any time."""

    def __init__(self, wav: wave.Wave_write, source: AudioSubscriber, peer: str) -> None:
        self._wav = wav
        self._source = source
        self._peer = peer
        self._placement = FramePlacement()
        self.frames = 0
        self.concealed = 0

    def run(self, for_s: float) -> None:
        """Write for `for_s` seconds, or without end for 0."""
        deadline = time.monotonic() + for_s if for_s else float("inf")
        while time.monotonic() < deadline:
            for frame, samples in self._source.receive(WAIT_MS):
                if frame.peer == self._peer:  # a subscription is a prefix
                    self._write(frame, samples)

    def _write(self, frame: AudioFrame, samples: bytes) -> None:
        gap = self._placement.gap(frame)
        if gap is None:
            return
        self._wav.writeframes(_SILENCE * gap + (samples or _SILENCE))
        self.frames += 1 + gap
        self.concealed += frame.concealed

    def summary(self, name: str, file: Path) -> str:
        """Return a sentence about the written file. Raises `CommandError` if nothing was received."""
        if not self.frames:
            raise CommandError(
                f"No sound of {name} arrived.", "See `partyline status` for the connection and the media worker."
            )
        length = span(self.frames * FRAME_MS / 1000)
        return (
            f"Wrote {length} of {name} to {file}. {self._placement.missing * FRAME_MS} ms were missing and "
            f"{self.concealed * FRAME_MS} ms were concealed."
        )


@contextmanager
def recording(file: Path, paths: Paths, peer: str) -> Iterator[WavRecorder]:
    """Yield a recorder of that talker into `file`. Raises `CommandError` if the file cannot be written."""
    try:
        out = file.open("wb")
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}.", "Choose another file for --wav.") from error
    source = AudioSubscriber(far.site(paths) or paths.run, peer=peer)
    try:
        with out, wave.open(out, "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(2)
            wav.setframerate(SAMPLE_RATE)
            wav.writeframes(b"")
            yield WavRecorder(wav, source, peer)
    finally:
        source.close()
