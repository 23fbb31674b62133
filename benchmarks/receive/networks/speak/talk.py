"""One talker: a voice, sentences and pauses, a room with noise, and how the talker's device sends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.receive.networks.speak.voices import RATE, voices

Colour = Literal["white", "pink", "brown", "hum"]
COLOURS: tuple[Colour, ...] = ("white", "pink", "brown", "hum")
ROOM_DB = (-70.0, -40.0)
"""Level of the room's noise, RMS against full scale: a treated room to a loud fan."""
LEVEL_DB = (-32.0, -22.0)
"""Active level of speech. ITU-T P.56 and P.800 use -26 dBov as nominal."""
PACKETS_MS = {10: 0.1, 20: 0.35, 40: 0.4, 60: 0.15}
"""Share of talkers with each packet length. 20 ms is what browsers send, 40 ms what consoles send."""
DTX_SHARE = 0.25
RED_SHARE = 0.15
_RED_LONGEST_MS = 40
DRIFT_PPM = 100.0
"""Two crystals of ±50 ppm."""
LEAD_S = (0.3, 3.0)
"""Quiet time before the first word."""
SHORT_S, LONG_S, LONG_SHARE = (0.15, 0.8), (1.0, 4.0), 0.3
"""Pauses between two sentences, and how many are long. No source: chosen like those of `benchmarks.receive.speech`."""
LOUD_DB = -18.0
"""Speech is what comes within this of the talker's active level, 10 ms at a time."""


@dataclass(frozen=True)
class DrawnTalker:
    """What is drawn of a talker. `seconds` is how long the talk is."""

    voice: int
    level_db: float
    room_db: float
    colour: Colour
    packet_ms: int
    dtx: bool
    red: bool
    drift_ppm: float
    seconds: float
    seed: int

    @property
    def description(self) -> str:
        name = voices()[self.voice % len(voices())].name
        sends = f"{self.packet_ms} ms{', DTX' if self.dtx else ''}{', RED' if self.red else ''}"
        room = f"room {self.room_db:.0f} dB {self.colour}"
        return f"{name} at {self.level_db:.0f} dB, {room}, {sends}, {self.drift_ppm:+.0f} ppm"


@dataclass(frozen=True)
class Talk:
    """16 kHz mono s16. `loud[i]` says whether 10 ms number i are speech, whatever the room is like."""

    samples: NDArray[np.int16]
    loud: NDArray[np.bool_]


def talker(seed: int, loss_seed: int, seconds: float) -> DrawnTalker:
    """Return the talker of one run."""
    random = np.random.default_rng([seed, loss_seed, 77])
    packet_ms = int(random.choice(list(PACKETS_MS), p=list(PACKETS_MS.values())))
    dtx = bool(random.random() < DTX_SHARE)  # without RED, whose offsets do not reach over a pause
    return DrawnTalker(
        voice=int(random.integers(1 << 16)),
        level_db=float(random.uniform(*LEVEL_DB)),
        room_db=float(random.uniform(*ROOM_DB)),
        colour=COLOURS[int(random.integers(len(COLOURS)))],
        packet_ms=packet_ms,
        dtx=dtx,
        red=bool(random.random() < RED_SHARE) and packet_ms <= _RED_LONGEST_MS and not dtx,
        drift_ppm=float(random.uniform(-DRIFT_PPM, DRIFT_PPM)),
        seconds=seconds,
        seed=int(random.integers(1 << 31)),
    )


@lru_cache(maxsize=4)
def talk(one: DrawnTalker) -> Talk:
    """Return what this talker says, noise of the room included."""
    random = np.random.default_rng([one.seed, 1])
    voice = voices()[one.voice % len(voices())]
    total = round(one.seconds * RATE)
    clean = np.zeros(total, np.float32)
    at = round(random.uniform(*LEAD_S) * RATE)
    order = random.permutation(voice.count)
    for number in range(10_000):
        sentence = voice.load(int(order[number % len(order)]))
        if at >= total - RATE // 2:
            break
        end = min(at + len(sentence), total - RATE // 4)
        clean[at:end] += sentence[: end - at] * (10 ** (one.level_db / 20) / active_level(sentence))
        pause = LONG_S if random.random() < LONG_SHARE else SHORT_S
        at = end + round(random.uniform(*pause) * RATE)
    room = noise(one.colour, total, random) * 10 ** (one.room_db / 20)
    samples = np.clip(np.rint((clean + room) * 32768), -32768, 32767).astype(np.int16)
    return Talk(samples, levels(clean) > 10 ** ((one.level_db + LOUD_DB) / 20))


def active_level(sentence: NDArray[np.float32]) -> float:
    """Return the RMS of those 10 ms that are within 30 dB of the loudest, a simple form of ITU-T P.56."""
    rms = levels(sentence)
    active = rms[rms > rms.max(initial=1e-9) * 10 ** (-30 / 20)]
    return float(np.sqrt(np.mean(active**2))) if len(active) else 1.0


def noise(colour: Colour, count: int, random: np.random.Generator) -> NDArray[np.float32]:
    """Return noise of RMS 1 with this spectrum, from 50 Hz on. A hum is that of a fan, with its harmonics."""
    spectrum = np.fft.rfft(random.standard_normal(count))
    hertz = np.maximum(np.fft.rfftfreq(count, 1 / RATE), 1.0)
    if colour == "pink":
        spectrum /= np.sqrt(hertz)
    elif colour == "brown":
        spectrum /= hertz
    elif colour == "hum":
        spectrum /= hertz
        for harmonic in range(1, 7):
            spectrum[np.argmin(np.abs(hertz - 100.0 * harmonic))] += 300 * np.sqrt(count) / harmonic**2 / 10
    spectrum[hertz < 50.0] = 0.0
    made = np.fft.irfft(spectrum, count)
    level = float(np.sqrt(np.mean(made**2)))
    return np.asarray(made / level, np.float32)


def levels(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the RMS of each 10 ms."""
    whole = len(samples) // (RATE // 100)
    pieces = samples[: whole * (RATE // 100)].reshape(whole, -1).astype(np.float64)
    return np.asarray(np.sqrt(np.mean(pieces**2, axis=1)), np.float64)
