"""The equaliser of one talker, by the biquads of FFmpeg. It adds no delay. No I/O, no clock."""

from __future__ import annotations

from fractions import Fraction

import av
import av.filter
import numpy as np
from numpy.typing import NDArray

from common.basic.values import EqPreset
from common.messages import FRAME_SAMPLES, SAMPLE_RATE
from workers.audio.mix.voices.presets import PRESETS

TAIL_FRAMES = 3
"""After this many silent frames nothing of the sound is left. The lowest filter, of 80 Hz, has decayed by 25 ms."""
_RAMP = np.arange(1, FRAME_SAMPLES + 1, dtype=np.float32) / FRAME_SAMPLES


class Filters:
    """The filters of one preset, with their state."""

    def __init__(self, preset: EqPreset) -> None:
        graph = av.filter.Graph()
        graph.threads = 1  # otherwise each talker has a pool of threads
        rate = Fraction(1, SAMPLE_RATE)
        self._in = graph.add_abuffer(sample_rate=SAMPLE_RATE, format="fltp", layout="mono", time_base=rate)
        at = self._in
        for name, arguments in PRESETS[preset].filters:
            after = graph.add(name, arguments)
            at.link_to(after)
            at = after
        self._out = graph.add("abuffersink")
        at.link_to(self._out)
        graph.configure()
        self._graph = graph
        self._at = 0

    def process(self, frame: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the filtered frame."""
        given = av.AudioFrame.from_ndarray(frame[np.newaxis], format="fltp", layout="mono")
        given.sample_rate, given.pts = SAMPLE_RATE, self._at
        self._at += FRAME_SAMPLES
        self._in.push(given)
        found = self._out.pull()
        assert isinstance(found, av.AudioFrame)
        return np.asarray(found.to_ndarray()[0], np.float32)


class Equaliser:
    """An equaliser for frames of `FRAME_SAMPLES` float32. A change of preset is cross-faded in one frame."""

    def __init__(self, preset: EqPreset = "off") -> None:
        self._wanted: EqPreset = preset
        self._now: EqPreset = "off"
        self._filters: Filters | None = None

    @property
    def is_idle(self) -> bool:
        """Whether it changes nothing and will not."""
        return self._wanted == self._now == "off"

    @property
    def tail_frames(self) -> int:
        """Silent frames in which something of the sound is left."""
        return 0 if self.is_idle else TAIL_FRAMES

    def change_to(self, preset: EqPreset) -> None:
        self._wanted = preset

    def process(self, frame: NDArray[np.float32]) -> None:
        """Apply the preset to `frame`, in place."""
        wanted = self._wanted
        if wanted == self._now:
            if self._filters is not None:
                np.copyto(frame, self._filters.process(frame))
            return
        before = self._filters.process(frame) if self._filters is not None else frame.copy()
        self._filters = Filters(wanted) if wanted != "off" else None
        if self._filters is not None:
            np.copyto(frame, self._filters.process(frame))
        self._now = wanted
        frame -= before
        frame *= _RAMP
        frame += before
