"""A row of the results, as `--json` writes it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One run of one system on one trace. Delays are in ms, as `score` defines them. NaN means not available."""

    trace: str
    system: str
    delay_ms_mean: float
    delay_ms_median: float
    delay_ms_p95: float
    pesq_wb: float
    stoi: float
    interruptions: int
    concealed: float
    cpu_percent: float = float("nan")
    round: int = 0

    def fields(self) -> dict[str, Any]:
        """Return the row for JSON: rounded, NaN as None."""
        return {
            name: (None if math.isnan(value) else round(value, 3)) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }
