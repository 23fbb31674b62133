"""Plays silence on one device for a moment, and prints how it is asked for it: `DEVICE_NUMBER LATENCY_MS SECONDS`."""

from __future__ import annotations

import json
import statistics
import sys
import time
from typing import Any

from common.messages import SAMPLE_RATE

_KEPT = 20_000
"""Callbacks that are kept: 5 s of the smallest buffer (15 frames)."""


def played(device: int, latency_ms: float, seconds: float) -> dict[str, Any]:
    import sounddevice  # noqa: PLC0415  # raises without PortAudio

    sizes: list[int] = []

    def silent(out: Any, frames: int, *_: object) -> None:
        out.fill(0)
        if len(sizes) < _KEPT:
            sizes.append(frames)

    channels = min(2, int(sounddevice.query_devices(device)["max_output_channels"]))
    stream = sounddevice.OutputStream(
        samplerate=SAMPLE_RATE,
        blocksize=0,
        device=device,
        channels=channels,
        latency=latency_ms / 1000,
        callback=silent,
    )
    with stream:
        time.sleep(seconds)
        latency_s = float(stream.latency)
    return {
        "frames": int(statistics.median(sizes)) if sizes else 0,
        "callbacks_per_s": round(len(sizes) / seconds, 1),
        "latency_ms": round(latency_s * 1000, 2),
    }


if __name__ == "__main__":
    try:
        result = played(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
    except Exception as error:  # noqa: BLE001  # whatever PortAudio raises is the finding
        result = {"fault": " ".join(f"{type(error).__name__}: {error}".split())[:300]}
    sys.stdout.write(json.dumps(result))
