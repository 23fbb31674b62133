"""Which Opus the listeners get: bitrate, application and frame, by quality, FEC and cost.

    python -m benchmarks.machines.opus [--seconds 30] [--save]

Two voices, panned, through libopus of PyAV. Quality is PESQ-WB of both channels' mean, without loss and with 2 % of the
packets lost, which come from FEC where there is some. Needs `make setup-bench`.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from av import AudioFrame, CodecContext
from numpy.typing import NDArray

from benchmarks.receive.judge.quality import pesq_wb
from benchmarks.receive.speech import RATE, speech
from common.bus.voice.opus import Library, find_library, has_fec
from common.messages import SAMPLE_RATE

RESULTS = Path(__file__).parents[1] / "results"
LOST = 0.02
LOOKAHEAD = 104
"""Samples at 16 kHz by which Opus is late."""


def mix(seconds: float) -> NDArray[np.int16]:
    """Return two voices of one speaker, at other times and places."""
    voice = soxr.resample(speech(seconds).samples.astype(np.float32), RATE, SAMPLE_RATE)
    other = np.roll(voice, SAMPLE_RATE * 7)
    both = np.stack([voice * 0.8 + other * 0.3, voice * 0.8 + other * 0.5], axis=1)
    return np.asarray(np.clip(both, -32768, 32767), np.int16)


def encoded(sound: NDArray[np.int16], application: str, bitrate: int, loss: int, frame_ms: int) -> list[bytes]:
    codec = CodecContext.create("libopus", "w")
    codec.sample_rate, codec.layout, codec.format = SAMPLE_RATE, "stereo", "s16"
    codec.bit_rate, codec.time_base = bitrate, Fraction(1, SAMPLE_RATE)
    codec.options = {
        "application": application,
        "frame_duration": str(frame_ms),
        "fec": "1",
        "packet_loss": str(loss),
    }
    count, made = SAMPLE_RATE * frame_ms // 1000, list[bytes]()
    for start in range(0, len(sound) - count + 1, count):
        piece = np.ascontiguousarray(sound[start : start + count]).reshape(1, -1)
        frame = AudioFrame.from_ndarray(piece, format="s16", layout="stereo")
        frame.sample_rate, frame.time_base, frame.pts = SAMPLE_RATE, Fraction(1, SAMPLE_RATE), start
        made += [bytes(packet) for packet in codec.encode(frame)]
    return made


def decoded(library: Library, packets: list[bytes], lost: set[int], frame_ms: int) -> NDArray[np.int16]:
    """Return what is heard in mono. A lost packet comes from its follower's FEC, else it is concealed."""
    count, decoder, made = SAMPLE_RATE * frame_ms // 1000, library.decoder(), list[NDArray[np.int16]]()
    for number, packet in enumerate(packets):
        if number not in lost:
            found = decoder.decode(packet)
        elif number + 1 < len(packets) and number + 1 not in lost:
            found = decoder.recover(packets[number + 1], count)
        else:
            found = decoder.conceal(count)
        made.append(found if found is not None else np.zeros(count, np.int16))
    return np.concatenate(made)


def row(library: Library, sound: NDArray[np.int16], seconds: float, *kind: Any) -> dict[str, Any]:
    application, bitrate, loss, frame_ms = kind
    began = time.process_time()
    packets = encoded(sound, application, bitrate, loss, frame_ms)
    cpu = time.process_time() - began
    draw = random.Random(3)
    lost = {number for number in range(len(packets)) if draw.random() < LOST}
    reference = soxr.resample(sound.mean(axis=1, dtype=np.float32), SAMPLE_RATE, RATE)
    scores = []
    for missing in (set[int](), lost):
        heard = decoded(library, packets, missing, frame_ms).astype(np.float32)
        heard = soxr.resample(heard, SAMPLE_RATE, RATE)[LOOKAHEAD:]
        both = min(len(heard), len(reference))
        scores.append(round(pesq_wb(reference[:both], heard[:both]), 2))
    return {
        "application": application,
        "kbit/s": round(sum(map(len, packets)) * 8 / seconds / 1000, 1),
        "loss expected %": loss,
        "frame ms": frame_ms,
        "with FEC": round(sum(map(has_fec, packets)) / len(packets), 2),
        "PESQ": scores[0],
        "PESQ with 2 % lost": scores[1],
        "CPU % of a core": round(100 * cpu / seconds, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--save", action="store_true", help="write the figures to benchmarks/results")
    arguments = parser.parse_args()
    sound, library = mix(arguments.seconds), find_library()
    rows = [
        row(library, sound, arguments.seconds, application, bitrate, loss, frame_ms)
        for application in ("voip", "audio")
        for bitrate in (32_000, 64_000, 96_000, 128_000)
        for loss in (1, 5, 10)
        for frame_ms in (20, 10)
    ]
    for one in rows:
        print(json.dumps(one))
    if arguments.save:
        day = datetime.now(UTC).date()
        (RESULTS / f"machines-opus-{day}.json").write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
