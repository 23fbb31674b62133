"""What Opus costs for voices between two machines, by frame, application, bit rate and complexity.

    python -m benchmarks.machines.cable_opus [--save]

A minute of speech with pauses in a quiet room, encoded by PyAV as `voice_codec` does and decoded by libopus. PESQ-WB is
the mean over pieces of 10 s. Needs `make setup-bench`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
import soxr
from numpy.typing import NDArray

from benchmarks.receive.judge.quality import pesq_wb
from benchmarks.receive.speech import RATE, speech
from common.bus.voice.opus import find_library
from common.messages import FRAME_SAMPLES, SAMPLE_RATE

RESULTS = Path(__file__).parents[1] / "results"
SECONDS = 70.0
PIECE = 10 * RATE
LAGS = 200
"""Samples at 16 kHz that a codec may be late."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write the figures to benchmarks/results")
    arguments = parser.parse_args()
    rows = []
    for frame_ms, kbit_s, complexity, application in itertools.product(
        (10, 20), (24, 32, 48, 64), (5, 10), ("voip", "lowdelay")
    ):
        rows.append(measure(frame_ms, kbit_s, complexity, application))
        print(json.dumps(rows[-1]), flush=True)
    if arguments.save:
        file = RESULTS / f"machines-cable-opus-{datetime.now(UTC).date()}.json"
        file.write_text(json.dumps(rows, indent=1) + "\n")


def measure(frame_ms: int, kbit_s: int, complexity: int, application: str) -> dict[str, Any]:
    said = speech(SECONDS).samples.astype(np.float32)
    sound = np.clip(np.rint(soxr.resample(said, RATE, SAMPLE_RATE)), -32768, 32767).astype(np.int16)
    length = FRAME_SAMPLES * frame_ms // 10
    codec = av.CodecContext.create("libopus", "w")
    assert isinstance(codec, av.AudioCodecContext)
    codec.sample_rate, codec.layout, codec.format, codec.bit_rate = SAMPLE_RATE, "mono", "s16", 1000 * kbit_s
    codec.options = {
        "application": application,
        "frame_duration": str(frame_ms),
        "compression_level": str(complexity),
    }
    codec.open()
    packets, began = list[bytes](), time.process_time()
    for at in range(0, len(sound) - length + 1, length):
        frame = av.AudioFrame.from_ndarray(sound[np.newaxis, at : at + length], format="s16", layout="mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE, at
        packets += [bytes(packet) for packet in codec.encode(frame)]
    encoded_s, decoder, began = time.process_time() - began, find_library().decoder(), time.process_time()
    parts = [part for packet in packets if (part := decoder.decode(packet)) is not None]
    decoded_s = time.process_time() - began
    late, pesq = quality(said, np.concatenate(parts))
    return {
        "frame ms": frame_ms,
        "kbit/s asked": kbit_s,
        "complexity": complexity,
        "application": application,
        "kbit/s": round(8 * sum(map(len, packets)) / SECONDS / 1000, 1),
        "encode, us a frame": round(encoded_s / len(packets) * 1e6),
        "decode, us a frame": round(decoded_s / len(packets) * 1e6),
        "late ms": round(late / RATE * 1000, 1),
        "PESQ-WB": round(pesq, 2),
    }


def quality(said: NDArray[np.float32], decoded: NDArray[np.int16]) -> tuple[int, float]:
    """Return by how many samples at 16 kHz the sound is late, and its mean PESQ-WB."""
    heard = soxr.resample(decoded.astype(np.float32), SAMPLE_RATE, RATE)
    part = slice(RATE, 5 * RATE)
    late = max(range(LAGS), key=lambda lag: float(np.dot(said[part], heard[part.start + lag : part.stop + lag])))
    heard = heard[late:]
    found = [
        pesq_wb(said[at : at + PIECE], heard[at : at + PIECE])
        for at in range(0, min(len(said), len(heard)) - PIECE + 1, PIECE)
    ]
    return late, float(np.mean(found))


if __name__ == "__main__":
    main()
