"""The background noise of a talker who pauses: the sender's comfort noise (RFC 3389), or libopus' in DTX."""

from __future__ import annotations

from common.bus.voice import conceal
from common.bus.voice.opus import Decoder, Samples
from common.messages import FRAME_SAMPLES
from workers.media.receive.voice.comfort import ComfortNoise

_DTX_BYTES = 2
"""An Opus packet of hardly more than its TOC. Only background noise follows (RFC 6716 section 2.1.9)."""
_DTX_SAMPLES = 100 * FRAME_SAMPLES
"""Longest noise after a DTX packet: 1 s, two and a half of libopus' intervals of 400 ms."""


class Background:
    """The noise that is played while no packet is due."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._comfort: ComfortNoise | None = None
        self._dtx_samples_left = 0

    @property
    def sounds(self) -> bool:
        return self._dtx_samples_left > 0 or self._comfort is not None

    def next(self) -> Samples | None:
        """Return the next 10 ms, or None for digital silence."""
        if self._comfort is not None:
            return self._comfort.next()
        if self._dtx_samples_left <= 0:
            return None
        self._dtx_samples_left -= FRAME_SAMPLES
        noise = self._decoder.conceal(FRAME_SAMPLES)
        return noise if self._dtx_samples_left else conceal.release(noise)

    def start_comfort(self, payload: bytes) -> None:
        """Start the comfort noise that a packet describes."""
        self._comfort = ComfortNoise(payload)

    def end_comfort(self, *, crossfade: bool) -> Samples | None:
        """End the comfort noise, and return its continuation for a crossfade into the real sound."""
        comfort, self._comfort = self._comfort, None
        return comfort.next(conceal.SEAM) if comfort is not None and crossfade else None

    def record_packet(self, payload: bytes) -> None:
        """Record a played Opus packet, after which libopus' noise may follow."""
        self._dtx_samples_left = _DTX_SAMPLES if len(payload) <= _DTX_BYTES else 0

    def clear(self) -> None:
        self._comfort = None
        self._dtx_samples_left = 0
