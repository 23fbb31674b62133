"""Generator of the consoles' voices: `python -m simulator.voices.make` (needs espeak-ng, which a run does not)."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import av
import numpy as np
import soxr

FOLDER = Path(__file__).parent
RATE = 48_000
BIT_RATE = 24_000
PEAK = 0.5
"""Share of full scale. Two talkers at once stay below it."""

VOICES = {
    "anna": ("en-us+f3", 62, 165),
    "ben": ("en-us+m3", 34, 160),
    "cora": ("en-gb+f2", 48, 170),
    "duncan": ("en-gb-scotland+m7", 42, 155),
    "ella": ("en-us+f5", 72, 175),
    "finn": ("en-gb+m1", 26, 165),
}
"""Name → (espeak-ng voice, pitch 0…99, words per minute)."""

SENTENCES = (
    "I am at the old harbour, right behind the lighthouse, and the fog is lifting.",
    "Somebody left the gate open again, so keep an eye on the bridge to the north.",
    "Give me ten seconds, my controller is nearly empty and the cable is too short.",
    "That was close! Two of them came over the roof while I was counting arrows.",
    "Let us meet at the bakery, take the river path, and do not wake the geese.",
    "My sister says hello, she just walked in and wants to know who is winning.",
)
PER_VOICE = 3


def speak(voice: str, pitch: int, speed: int, text: str) -> np.ndarray:
    """Return `text` as speech: mono float at `RATE`, silence trimmed, peak at `PEAK`."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "voice.wav"
        subprocess.run(  # noqa: S603  # fixed sentences
            ["espeak-ng", "-v", voice, "-p", str(pitch), "-s", str(speed), "-w", str(wav), text],  # noqa: S607
            check=True,
            timeout=60,
        )
        with av.open(str(wav)) as file:
            rate = file.streams.audio[0].rate
            parts = [frame.to_ndarray().reshape(-1) for frame in file.decode(audio=0)]
    samples = soxr.resample(np.concatenate(parts).astype(np.float32) / 32768, rate, RATE)
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    samples = samples[loud[0] : loud[-1] + 1]
    peaked: np.ndarray = samples * (PEAK / np.abs(samples).max())
    return peaked


def write(path: Path, samples: np.ndarray) -> None:
    """Write `samples` as Ogg Opus."""
    whole = (samples * 32767).astype(np.int16).reshape(1, -1)
    with av.open(str(path), "w", format="ogg") as file:
        stream = file.add_stream("libopus", rate=RATE, layout="mono")
        stream.bit_rate = BIT_RATE
        stream.options = {"application": "voip"}
        frame = av.AudioFrame.from_ndarray(whole, format="s16", layout="mono")
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            file.mux(packet)


def main() -> int:
    if shutil.which("espeak-ng") is None:
        sys.stderr.write("espeak-ng is missing: apt-get install espeak-ng, or brew install espeak-ng.\n")
        return 1
    for place, (name, (voice, pitch, speed)) in enumerate(VOICES.items()):
        for number in range(PER_VOICE):
            text = SENTENCES[(place * 2 + number * 2 + place // 3) % len(SENTENCES)]
            path = FOLDER / f"{name}-{number + 1}.opus"
            samples = speak(voice, pitch, speed, text)
            write(path, samples)
            sys.stdout.write(f"{path.name}: {len(samples) / RATE:.1f} s, {path.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
