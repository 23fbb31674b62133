"""The sink that nobody hears. The mix is made all the same, at its pace: levels and counters go on."""

from __future__ import annotations

import time

import numpy as np

from common.basic.values import SinkKind
from common.messages import FRAME_SAMPLES
from workers.audio.sinks import Render, SinkError
from workers.audio.sinks.pacer import Pacer

LATE_NS = 500_000_000
"""What is due for longer, because the process stood still, is left out."""


class NullSink:
    kind: SinkKind = "null"
    problem = ""
    own_clock = False
    target = ""
    latency_ms = 0.0

    def __init__(self) -> None:
        self._pacer: Pacer | None = None

    def facts(self) -> dict[str, str]:
        return {}

    def missing_channels(self) -> tuple[int, ...]:
        return ()

    def open(self) -> None:
        """Do nothing."""

    def play(self, render: Render) -> None:
        block = np.zeros((1, FRAME_SAMPLES), np.float32)

        def frame(due_ns: int) -> None:
            if time.monotonic_ns() - due_ns < LATE_NS:
                render(block, due_ns)

        self._pacer = Pacer(frame)
        self._pacer.start(time.monotonic_ns())

    def poll(self) -> SinkError | None:
        if self._pacer is not None and self._pacer.fault is not None:
            raise self._pacer.fault
        return None

    def close(self) -> None:
        if self._pacer is not None:
            self._pacer.stop()
