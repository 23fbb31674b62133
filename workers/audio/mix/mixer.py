"""The mixer, which applies gain and mute and sums talkers: one `MixStep` in, one frame out.

No I/O, no clock. Arrays are allocated once. A frame has a row for the mix, one for each channel that talkers are routed
to, and the mix's sides (`panning`). At 0 dB a lone talker passes bit-exact (s16 as multiples of 2⁻¹⁵). A gain change is
a ramp over one frame, or over ten for levelling. At a gap the last samples fade out mirrored, and the next ones in.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, SAMPLE_RATE
from workers.audio.mix.far.gap_filler import GapFiller
from workers.audio.mix.panning import SIDES, side_factors
from workers.audio.mix.talker_frames import MixStep, TalkerFrame

Frame = NDArray[np.float32]
SILENCE_DB = -120.0
METERED_FRAMES = 100
"""Frames that may wait for the meter: one second."""
LEVEL_FRAMES = 10
"""Levelling moves ten times a second, so each step is a ramp of ten frames, until the next step."""
FADE_SAMPLES = SAMPLE_RATE * 4 // 1000
"""The length of the fades at a gap, 4 ms. Chosen to be free of clicks."""

_SCALE = np.float32(1 / 32768)
_RAMP = (np.arange(1, FRAME_SAMPLES + 1, dtype=np.float32)) / FRAME_SAMPLES
_FADE_IN = (0.5 - 0.5 * np.cos(np.pi * (np.arange(FADE_SAMPLES) + 0.5) / FADE_SAMPLES)).astype(np.float32)
_FADE_OUT = _FADE_IN[::-1].copy()


def gain_factor(gain_db: float) -> float:
    return float(10 ** (gain_db / 20))


def peak_dbfs(peak: float) -> float:
    """Return `peak` (1 = full scale) in dBFS, `SILENCE_DB` at least."""
    return max(SILENCE_DB, 20 * math.log10(peak)) if peak > 0 else SILENCE_DB


class Gain:
    """A factor that moves to its new value within one frame, or `frames` of them."""

    def __init__(self, factor: float = 1.0, frames: int = 1) -> None:
        self.wanted = factor
        self._now = factor
        self._goal = factor
        self._frames = frames
        self._left = 0
        self._curve = np.empty(FRAME_SAMPLES, np.float32)

    @property
    def now_db(self) -> float:
        """The gain at the start of the next frame, in dB."""
        return peak_dbfs(self._now)

    def change_to(self, factor: float) -> None:
        self.wanted = factor

    @property
    def is_silent(self) -> bool:
        """Whether nothing passes."""
        return self.wanted == self._goal == 0.0 and not self._left

    def apply(self, *frames: Frame) -> None:
        """Multiply the same moment's frames."""
        wanted = self.wanted  # may be set by another thread meanwhile
        if wanted != self._goal:
            self._goal, self._left = wanted, self._frames
        if self._left:
            after = wanted if self._left == 1 else self._now + (wanted - self._now) / self._left
            np.multiply(_RAMP, np.float32(after - self._now), out=self._curve)
            self._curve += np.float32(self._now)
            for frame in frames:
                np.multiply(frame, self._curve, out=frame)
            self._now = after
            self._left -= 1
        elif wanted != 1.0:
            for frame in frames:
                np.multiply(frame, np.float32(wanted), out=frame)

    def settle(self) -> None:
        """Jump to the new value without a ramp, while there is silence."""
        self._now = self._goal = self.wanted
        self._left = 0


class Voice:
    """One talker in the mix. Another thread may change the choices, and `refresh` applies them."""

    def __init__(self, gain_db: float = 0.0, *, muted: bool = False, solo: bool = False) -> None:
        self.gain_db = gain_db
        self.muted = muted
        self.solo = solo
        self.solo_muted = False
        """Somebody else is solo."""
        self.level_db = 0.0
        """Gain in dB that levelling adds."""
        self.rows: tuple[int, ...] = ()
        """Rows of the frame, besides the mix, that the talker is added to."""
        self.peak = 0.0
        """Highest sample after gain since it was last taken."""
        self.spoken: deque[bytes] = deque(maxlen=METERED_FRAMES)
        """The talker's samples before gain, for the meter. Empty bytes stand for silence."""
        self.gain = Gain(self._factor())
        self.level = Gain(frames=LEVEL_FRAMES)
        self.sides = Gain(0.0), Gain(0.0)
        """What the sides get of the sound after gain."""
        self.tail = np.zeros(FADE_SAMPLES, np.float32)
        """The last samples played, newest first."""
        self.side_tails = np.zeros((SIDES, FADE_SAMPLES), np.float32)
        self.was_wide = False
        """The last samples had sides."""
        self.sounded = False
        self.broken = False
        """The talker's next samples follow a gap."""
        self.filler = GapFiller()
        """For frames of another machine, which a network may hold back."""

    def _factor(self) -> float:
        return 0.0 if self.muted or self.solo_muted else gain_factor(self.gain_db)

    def refresh(self) -> None:
        """Apply what was changed, as a ramp over the next frame (levelling: over `LEVEL_FRAMES`)."""
        self.gain.change_to(self._factor())
        self.level.change_to(gain_factor(self.level_db))

    def settle(self) -> None:
        """Apply it without a ramp, while there is silence."""
        for gain in (self.gain, self.level, *self.sides):
            gain.settle()

    def mute_for_solo(self, *, muted: bool) -> None:
        """Silence the talker while somebody else is solo."""
        self.solo_muted = muted
        self.refresh()

    def set(self, gain_db: float, *, muted: bool, solo: bool = False) -> None:
        """Change gain (dB), mute and solo."""
        self.gain_db, self.muted, self.solo = gain_db, muted, solo
        self.refresh()

    def route(self, rows: tuple[int, ...]) -> None:
        """Set the rows of the frame, besides the mix, that the talker is added to."""
        self.rows = rows

    def pan_to(self, pan: float) -> None:
        """Move the talker between left (-1) and right (1), over the next frame."""
        for side, factor in zip(self.sides, side_factors(pan), strict=True):
            side.change_to(factor)

    @property
    def is_panned(self) -> bool:
        return not all(side.is_silent for side in self.sides)

    def set_level(self, level_db: float) -> None:
        """Set levelling's gain (dB). `refresh` applies it."""
        self.level_db = level_db

    def take_spoken(self) -> list[bytes]:
        """Return the talker's samples before gain since the last reading."""
        return [self.spoken.popleft() for _ in range(len(self.spoken))]

    def take_peak(self) -> float:
        peak, self.peak = self.peak, 0.0
        return peak


class Mixer:
    """`mix` is for one thread. Another one may set gains."""

    def __init__(self, gain_db: float = 0.0, new_voice: Callable[[str], Voice] | None = None) -> None:
        """`gain_db` is the master gain. `new_voice` makes the voice of a new talker."""
        self.voices: dict[str, Voice] = {}
        self._new_voice = new_voice or (lambda _peer: Voice())
        self.master = Gain(gain_factor(gain_db))
        self.is_wide = False
        """Somebody who is panned sounds in the last frame."""
        self._frame = np.zeros(FRAME_SAMPLES, np.float32)
        self._fading = np.zeros(FADE_SAMPLES, np.float32)
        self._sides = np.zeros((SIDES, FRAME_SAMPLES), np.float32)

    def voice(self, peer: str) -> Voice:
        found = self.voices.get(peer)
        if found is None:
            found = self._new_voice(peer)
            self.voices[peer] = found
            self.resolve_solo()
            found.settle()
        return found

    @property
    def solo(self) -> bool:
        """Whether anybody in the mix is solo."""
        return any(voice.solo for voice in list(self.voices.values()))

    def resolve_solo(self) -> None:
        """Silence the talkers that are not solo while another one is."""
        anybody = self.solo
        for voice in list(self.voices.values()):
            solo_muted = anybody and not voice.solo
            if solo_muted != voice.solo_muted:
                voice.mute_for_solo(muted=solo_muted)

    def mix(self, step: MixStep, out: Frame) -> None:
        """Mix `step` into `out` (rows times `FRAME_SAMPLES` float32, ±1 full scale, not limited yet)."""
        out.fill(0)
        self.is_wide = False
        for peer in step.gaps:
            self._fill(self.voice(peer), out)
        if step.spliced:
            for voice in self.voices.values():
                self._break(voice, out)
        for part in step.parts:
            self._add(part, out)
        if self.is_wide:
            self.master.apply(out[0], out[-2], out[-1])
        else:
            self.master.apply(out[0])

    def _fill(self, voice: Voice, out: Frame) -> None:
        """Continue a talker who should sound and has no frame. Fade it out where there is nothing to continue."""
        made = voice.filler.more()
        if made is not None:
            self._place(made, voice, out)
            voice.broken = True
        else:
            self._break(voice, out)

    def _break(self, voice: Voice, out: Frame) -> None:
        """Fade the last samples out, and record the gap."""
        if voice.sounded:
            np.multiply(voice.tail, _FADE_OUT, out=self._fading)
            out[0, :FADE_SAMPLES] += self._fading
            for row in voice.rows:
                out[row, :FADE_SAMPLES] += self._fading
            if voice.was_wide:
                self.is_wide = True
                for tail, side in zip(voice.side_tails, out[-SIDES:], strict=True):
                    np.multiply(tail, _FADE_OUT, out=self._fading)
                    side[:FADE_SAMPLES] += self._fading
            voice.sounded = False
            voice.broken = True

    def _add(self, part: TalkerFrame, out: Frame) -> None:
        voice = self.voice(part.frame.peer)
        voice.spoken.append(part.samples if part.frame.sounding else b"")
        if not part.samples:
            voice.sounded = voice.broken = False
            voice.filler.forget()
            voice.settle()
            return
        frame = self._frame
        if part.processed is not None:
            np.copyto(frame, part.processed)
        else:
            np.copyto(frame, np.frombuffer(part.samples, "<i2"))
            frame *= _SCALE
        voice.gain.apply(frame)
        voice.level.apply(frame)
        if voice.broken:
            frame[:FADE_SAMPLES] *= _FADE_IN
            voice.filler.end_in(frame[:FADE_SAMPLES], _FADE_OUT)
        if part.frame.drift_ns is not None and part.frame.sounding:
            voice.filler.record(frame)
        self._place(frame, voice, out, part.sides)
        voice.broken = False
        voice.peak = max(voice.peak, float(frame.max()), -float(frame.min()))

    def _place(self, frame: Frame, voice: Voice, out: Frame, sides: Frame | None = None) -> None:
        """Add a talker's frame after gain to all rows that it belongs to."""
        if voice.is_panned or sides is not None:
            self._spread(frame, sides, voice, out[-SIDES:])
        else:
            voice.was_wide = False
        np.copyto(voice.tail, frame[: -FADE_SAMPLES - 1 : -1])
        voice.sounded = True
        out[0] += frame
        for row in voice.rows:
            out[row] += frame

    def _spread(self, frame: Frame, sides: Frame | None, voice: Voice, out: Frame) -> None:
        """Add what the sides get of a talker, or of a mix that is played as one. It has no gain of its own."""
        self.is_wide = voice.was_wide = True
        for number, (side, gain) in enumerate(zip(self._sides, voice.sides, strict=True)):
            if sides is not None:
                np.copyto(side, sides[number])
                if voice.broken:
                    side[:FADE_SAMPLES] *= _FADE_IN
            else:
                np.copyto(side, frame)
                gain.apply(side)
            np.copyto(voice.side_tails[number], side[: -FADE_SAMPLES - 1 : -1])
            out[number] += side
