"""Made-up sounds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]


def hum(period: int, count: int = 1920) -> Samples:
    at = np.arange(count) * 2 * np.pi / period
    return np.rint(6000 * np.sin(at) + 3000 * np.sin(2 * at) + 1500 * np.sin(3 * at)).astype(np.int16)
