"""The processing of one talker's frames: noise suppression, gate, equaliser, in this order. No I/O, no clock.

The gate comes after the suppression, so that noise does not open it. A frame keeps its tick. Digital silence costs
nothing once the tail of the sound before it is out.
"""

from __future__ import annotations

import msgspec
import numpy as np

from common.messages import FRAME_MS, FRAME_SAMPLES, TalkerProcessing
from workers.audio.mix.talker_frames import TalkerFrame
from workers.audio.mix.voices.equaliser import Equaliser
from workers.audio.mix.voices.noise_gate import NoiseGate
from workers.audio.mix.voices.suppression import Order, Suppression

OFF = TalkerProcessing()
_FRAME_NS = FRAME_MS * 1_000_000
_SCALE = np.float32(1 / 32768)


class TalkerProcessor:
    """`process` is for one thread. Another one may call `change_to`."""

    def __init__(self, order: Order) -> None:
        self._wanted = OFF
        self._suppression = Suppression(order)
        self._gate = NoiseGate()
        self._equaliser = Equaliser()
        self._tail = 0
        """Silent frames that are still processed."""
        self._late_sounding = 0
        """Frames in which a talkspurt that has ended still sounds, because it is late."""

    @property
    def is_idle(self) -> bool:
        """Whether frames pass unchanged until the next `change_to`."""
        parts = (self._suppression, self._gate, self._equaliser)
        return self._wanted == OFF and all(part.is_idle for part in parts)

    @property
    def delay_ms(self) -> float:
        """How much later the sound is now than without processing."""
        return float(self._suppression.delay_frames * FRAME_MS)

    @property
    def fault(self) -> str:
        """Why noise is not suppressed although it should be, or ""."""
        return self._suppression.fault.message if self._suppression.fault is not None else ""

    def change_to(self, wanted: TalkerProcessing) -> None:
        self._wanted = wanted

    def process(self, part: TalkerFrame, *, paused: bool = False) -> TalkerFrame:
        """Return the processed frame of the same tick. `paused` leaves the noise in."""
        wanted = self._wanted
        self._gate.change_to(wanted.gate_db)
        self._equaliser.change_to(wanted.eq)
        if part.samples:
            frame = np.frombuffer(part.samples, "<i2").astype(np.float32)
            frame *= _SCALE
        elif self._tail:
            frame = np.zeros(FRAME_SAMPLES, np.float32)
        else:
            if wanted == OFF:
                self.close()
            return part
        self._suppression.process(frame, wanted=wanted.suppress, paused=paused)
        delay = self._suppression.delay_frames
        self._tail = delay + self._equaliser.tail_frames if part.samples else self._tail - 1
        self._gate.process(frame)
        self._equaliser.process(frame)
        header = part.frame
        if delay and header.arrived_ns:
            header = msgspec.structs.replace(header, arrived_ns=header.arrived_ns - delay * _FRAME_NS)
        if header.sounding:
            self._late_sounding = delay
        elif self._late_sounding:
            self._late_sounding -= 1
            header = msgspec.structs.replace(header, sounding=True)
        samples = np.clip(np.rint(frame * 32768), -32768, 32767).astype("<i2").tobytes()
        return part._replace(frame=header, samples=samples, processed=frame)

    def close(self) -> None:
        """Free what the talker holds. Frames pass unchanged afterwards, unless something is wanted."""
        self._suppression.close()
        self._gate, self._equaliser = NoiseGate(), Equaliser()
