"""A made-up voice, its Opus packets as Sony's apps send them, and how alike two signals are."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import av
import numpy as np
import numpy.typing as npt
from scipy.signal import fftconvolve, resample_poly

from workers.media.receive.buffer.rtp import Rtp

RATE = 16_000
PACKET_MS = 40
PAYLOAD_TYPE = 96
Floats = npt.NDArray[np.float64]


@cache
def voice(seconds: float, *, pitch_hz: float = 120.0, seed: int = 1, pauses: bool = True) -> npt.NDArray[np.int16]:
    """Return a voice-like signal at 16 kHz: gliding harmonics through moving formants, in syllables."""
    count = int(seconds * RATE)
    t = np.arange(count) / RATE
    random = np.random.default_rng(seed)
    slow = np.arange(0, seconds + 1, 0.2)
    glide = np.interp(t, slow, random.uniform(0.85, 1.25, len(slow)))
    phase = 2 * np.pi * np.cumsum(pitch_hz * glide) / RATE
    grid = np.arange(0, seconds + 1, 0.15)
    first = np.interp(t, grid, random.uniform(300, 800, len(grid)))
    second = np.interp(t, grid, random.uniform(900, 2400, len(grid)))
    sound = np.zeros(count)
    for harmonic in range(1, 30):
        frequency = harmonic * pitch_hz * glide
        gain = np.exp(-(((frequency - first) / 200) ** 2)) + 0.6 * np.exp(-(((frequency - second) / 300) ** 2))
        sound += (gain + 0.02) / harmonic**0.3 * np.sin(harmonic * phase)
    syllables = np.interp(
        t, np.arange(0, seconds + 1, 0.12), random.uniform(0.3, 1.0, len(np.arange(0, seconds + 1, 0.12)))
    )
    if pauses:
        syllables = syllables * (np.sin(2 * np.pi * t / 2.0) > -0.6)
        syllables = np.convolve(syllables, np.ones(320) / 320, "same")
    syllables[-RATE // 4 :] = 0.0  # nobody stops in the middle of a sound
    sound *= syllables
    return np.asarray(np.round(sound / np.abs(sound).max() * 12_000), dtype=np.int16)


def encode(
    samples: npt.NDArray[np.int16], *, fec: bool = True, dtx: bool = False, length_ms: int = PACKET_MS
) -> list[tuple[int, bytes]]:
    """Return (RTP timestamp at 48 kHz, Opus payload) of packets of `length_ms`, 16 kHz mono, 24 kb/s."""
    codec = av.CodecContext.create("libopus", "w")
    codec.sample_rate, codec.layout, codec.format = RATE, "mono", "s16"
    codec.bit_rate = 24_000
    codec.time_base = Fraction(1, RATE)
    codec.options = {
        "application": "voip",
        "frame_duration": str(length_ms),
        "fec": "1" if fec else "0",
        "packet_loss": "10" if fec else "0",
        "dtx": "1" if dtx else "0",
    }
    size = RATE * length_ms // 1000
    packets: list[tuple[int, bytes]] = []
    for number in range(len(samples) // size):
        frame = av.AudioFrame.from_ndarray(samples[None, number * size : (number + 1) * size], "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, number * size, Fraction(1, RATE)
        packets += [(len(packets) + index, bytes(packet)) for index, packet in enumerate(codec.encode(frame))]
    return [(number * size * 3, payload) for number, payload in packets]


def rtp(number: int, timestamp: int, payload: bytes, *, ssrc: int = 7, first: int = 65_500) -> Rtp:
    """Return packet `number` of a stream; the numbers and timestamps wrap early."""
    return Rtp(
        sequence=(first + number) % (1 << 16),
        timestamp=((1 << 32) - 9_600 + timestamp) % (1 << 32),
        ssrc=ssrc,
        payload_type=PAYLOAD_TYPE,
        payload=payload,
    )


def likeness(source_16k: npt.NDArray[np.int16], heard_48k: npt.NDArray[np.int16]) -> float:
    """Return the median over the source's pieces of 0.4 s of the normalised cross-correlation with what was heard.

    Each piece is aligned for itself: a delay that adapts on a busy machine is no distortion.
    """
    source: Floats = resample_poly(source_16k.astype(np.float64), 3, 1)
    heard = heard_48k.astype(np.float64)
    size = int(0.4 * 48_000)
    pieces = [source[at : at + size] for at in range(0, len(source) - size + 1, size)]
    loud = [piece for piece in pieces if np.abs(piece).mean() > 300]
    assert loud
    return float(np.median([_best_correlation(piece, heard) for piece in loud]))


def _best_correlation(piece: Floats, heard: Floats) -> float:
    if len(heard) < len(piece):
        return 0.0
    products = fftconvolve(heard, piece[::-1], "valid")
    power = fftconvolve(heard**2, np.ones(len(piece)), "valid")
    return float(np.max(products / np.sqrt(np.maximum(power, 1e6) * np.dot(piece, piece))))
