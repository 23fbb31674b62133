"""How much of a delay is not needed any more after stalls. No I/O, no clock."""

from __future__ import annotations

import math

WINDOW_S = 6.0
"""How long nothing may have come near to running out before the delay falls. With what it takes to shorten speech, a
delay is back within 10 s."""
LONGEST_S = 120.0
SOON_S = 60.0
"""An underrun so soon after the delay fell says that it fell too early. The window doubles then, so that stalls which
come again and again are covered in the end."""
CALM_S = 300.0
"""After this time without an underrun the window is as short as at first."""
MARGIN_MS = 10.0
"""What must be left at the worst moment, for a clock that is off by 500 ppm."""
LEAST_MS = 1.0
"""The delay falls by that in any case."""


class SpareDelay:
    def __init__(self) -> None:
        self._window_s = WINDOW_S
        self._lowest_ms = math.inf
        self._since_s = 0.0
        self._calm_s = 0.0
        self._since_fall_s = math.inf

    def take(self, left_ms: float, seconds: float) -> float:
        """Take what was left after a packet of `seconds`. Return by how many ms the delay may fall now, mostly 0."""
        self._lowest_ms = min(self._lowest_ms, left_ms)
        self._since_s += seconds
        self._calm_s += seconds
        self._since_fall_s += seconds
        if self._calm_s >= CALM_S:
            self._window_s = WINDOW_S
        if self._since_s < self._window_s:
            return 0.0
        spare_ms = max(LEAST_MS, self._lowest_ms - MARGIN_MS)
        self._lowest_ms, self._since_s = math.inf, 0.0
        return spare_ms

    def on_fall(self) -> None:
        """Note that the delay really fell. It has a least value."""
        self._since_fall_s = 0.0

    def on_underrun(self) -> None:
        """Begin anew, more patiently if the delay had fallen too early."""
        if self._since_fall_s < SOON_S:
            self._window_s = min(LONGEST_S, 2 * self._window_s)
        self._lowest_ms, self._since_s, self._calm_s = math.inf, 0.0, 0.0
