"""Speech of every console, in the three formats that stacks take: WAV, raw samples, packets."""

from __future__ import annotations

import base64
import json
import threading
import wave
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import soxr
from numpy.typing import NDArray

from simulator.consoles import voices

RATE = 48_000
OPUS, RED = 96, 63
PAUSE_S = 0.9
"""Digital silence between two sentences, so that DTX has something to omit."""
_QUIET_MS, _SIGN_MS = 200, 400
"""DTX as in libopus: after `_QUIET_MS` of silence, one packet every `_SIGN_MS`."""


@cache
def spoken() -> NDArray[np.int16]:
    """Return the speech, mono at `RATE`, a whole number of 120 ms. Consoles repeat it."""
    pause = np.zeros(round(PAUSE_S * voices.RATE), np.int16)
    sentences = [part for name in voices.of_speaker("anna") for part in (voices.load(name), pause)]
    loud = np.concatenate(sentences).astype(np.float32) / 32768
    samples = soxr.resample(loud, voices.RATE, RATE)
    whole = len(samples) - len(samples) % (RATE * 120 // 1000)
    return np.asarray(np.clip(np.rint(samples[:whole] * 32767), -32768, 32767), np.int16)


@dataclass(frozen=True)
class Files:
    """Files of the speech."""

    folder: Path

    def write(self) -> None:
        (self.folder / "speech.raw").write_bytes(spoken().tobytes())
        with wave.open(str(self.wav), "wb") as wav:
            wav.setparams((1, 2, RATE, 0, "NONE", ""))
            wav.writeframes(spoken().tobytes())

    @property
    def raw(self) -> Path:
        return self.folder / "speech.raw"

    @property
    def wav(self) -> Path:
        return self.folder / "speech.wav"

    def packets(self, *, ptime: int, stereo: bool, dtx: bool, red: bool) -> Path:
        """Return the file of packets: ``duration_ms``, and [ms, payload type, timestamp, marker, base64] each."""
        path = self.folder / f"packets-{ptime}-{stereo:d}{dtx:d}{red:d}.json"
        if not path.exists():
            rows = encode(ptime=ptime, stereo=stereo, dtx=dtx)
            rows = redundant(rows) if red else rows
            listed = [[at, kind, at * 48, int(mark), base64.b64encode(data).decode()] for at, kind, mark, data in rows]
            listed = [[at, kind, stamp, bool(mark), data] for at, kind, stamp, mark, data in listed]
            made = path.with_suffix(f".{threading.get_ident()}")  # several consoles may need it at once
            made.write_text(json.dumps({"duration_ms": len(spoken()) * 1000 // RATE, "packets": listed}))
            made.replace(path)
        return path


Row = tuple[int, int, bool, bytes]
"""(milliseconds from the start, payload type, marker, payload)."""


def encode(*, ptime: int, stereo: bool, dtx: bool) -> list[Row]:
    """Return the speech as Opus. `dtx` omits pauses here, since FFmpeg's encoder does not forward that option."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.format, encoder.layout = RATE, "s16", "stereo" if stereo else "mono"
    encoder.bit_rate, encoder.time_base = 32_000, Fraction(1, RATE)
    encoder.options = {"application": "voip", "frame_duration": str(ptime)}
    encoder.open()
    size, samples, rows, before, quiet_ms = RATE * ptime // 1000, spoken(), [], -ptime, 0
    for place in range(0, len(samples) - size + 1, size):
        piece = samples[place : place + size]
        quiet_ms = 0 if piece.any() else quiet_ms + ptime
        piece = np.repeat(piece, 2) if stereo else piece
        frame = av.AudioFrame.from_ndarray(piece.reshape(1, -1), format="s16", layout="stereo" if stereo else "mono")
        frame.sample_rate, frame.pts = RATE, place
        for packet in encoder.encode(frame):
            at = place * 1000 // RATE
            if not dtx or quiet_ms <= _QUIET_MS or at - before >= _SIGN_MS:
                rows.append((at, OPUS, at - before > ptime, bytes(packet)))
                before = at
    return rows


def redundant(rows: list[Row]) -> list[Row]:
    """Return the packets with their predecessor's payload in front (RFC 2198)."""
    wrapped: list[Row] = []
    for place, (at, kind, mark, data) in enumerate(rows):
        head = copy = b""
        if place and (offset := (at - rows[place - 1][0]) * 48) < 1 << 14:
            copy = rows[place - 1][3]
            head = (1 << 31 | kind << 24 | offset << 10 | len(copy)).to_bytes(4, "big")
        wrapped.append((at, RED, mark, head + bytes([kind]) + copy + data))
    return wrapped
