"""A mix for `benchmarks.machines.webrtc`: speech, and a noise below it that repeats nowhere, so that it is found again.

    python -m benchmarks.machines.listening.mix_sender RUN_FOLDER SECONDS PPM

Prints the time of its first frame, on the monotonic clock.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from benchmarks.receive.speech import RATE, speech
from common.bus import AudioPublisher
from common.messages import FRAME_SAMPLES, MIX_PEER, MIX_PLANE, SAMPLE_RATE, AudioFrame

LEVEL = 0.5
NOISE = 300.0
"""RMS of the noise, -41 dB against full scale."""
_TOP_HZ = 6000


def sound(seconds: float) -> NDArray[np.int16]:
    """Return the mix, always the same."""
    spoken = soxr.resample(speech(seconds + 4.0).samples.astype(np.float32), RATE, SAMPLE_RATE)
    spoken = spoken[: round(seconds * SAMPLE_RATE)] * LEVEL
    noise = np.random.default_rng(7).normal(0.0, NOISE, -(-len(spoken) // 4)).astype(np.float32)
    wide = soxr.resample(noise, 2 * _TOP_HZ, SAMPLE_RATE)[: len(spoken)]
    return np.asarray(np.clip(np.rint(spoken + wide), -32768, 32767), np.int16)


def main() -> None:
    run, seconds, ppm = Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    mix = sound(seconds).astype("<i2")
    publisher = AudioPublisher(run, MIX_PLANE)
    time.sleep(1.0)
    began = time.monotonic() + 0.1
    print(began, flush=True)
    for tick in range(len(mix) // FRAME_SAMPLES):
        due = began + (tick + 1) * 0.01 / (1 + ppm / 1e6)  # a frame is there when its last sample is
        time.sleep(max(0.0, due - time.monotonic()))
        frame = AudioFrame(peer=MIX_PEER, boot=f"bench{ppm}", tick=tick, tick_ns=time.monotonic_ns())
        publisher.send(frame, mix[tick * FRAME_SAMPLES : (tick + 1) * FRAME_SAMPLES].tobytes())
    time.sleep(1.0)
    publisher.close()


if __name__ == "__main__":
    main()
