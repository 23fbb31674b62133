"""The marks of one run of one system, as they are kept."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Row:
    """Delays are in ms from RTP sent to sound handed out, shares are of 1. NaN means that there is none."""

    split: str
    index: int
    loss_seed: int
    kind: str
    system: str
    seconds: float
    delay_ms_median: float
    delay_ms_p95: float
    delay_ms_worst: float
    """Highest median of any 5 s."""
    delay_ms_start: float
    """Median of the talker's first 15 s."""
    delay_ms_end: float
    """Median of the last 15 s."""
    pesq_wb: float
    """Mean over the pieces of 9 s."""
    pesq_wb_worst: float
    plcmos: float
    plcmos_worst: float
    damaged: float
    """Share of the speech, in pieces of 20 ms, that is not found again."""
    unfound: float
    """Share of the windows of 200 ms for which no delay could be measured."""
    clock: str = "simulated"
    """Or "real": sockets and clocks of this machine."""
    version: str = ""
    """Of the system: a hash of the sources of ours, else a version."""
    late_ms: float = float("nan")
    """How late sending was, p99 of the batch, where the clock is real."""

    @property
    def run(self) -> tuple[int, int]:
        return self.index, self.loss_seed

    def as_json(self) -> dict[str, Any]:
        return {
            name: (None if math.isnan(value) else round(value, 5)) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }


def from_json(found: dict[str, Any]) -> Row:
    known = {field.name for field in fields(Row)}
    values: dict[str, Any] = {name: math.nan if value is None else value for name, value in found.items()}
    return Row(**{name: value for name, value in values.items() if name in known})
