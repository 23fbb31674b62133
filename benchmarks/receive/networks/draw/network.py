"""A network: a seed becomes a kind with parameters, and with a loss seed a trace of (sent, arrived or lost)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.receive.networks.draw.flight import Flight, PathStage
from benchmarks.receive.networks.draw.kinds import KINDS, stages
from benchmarks.receive.networks.draw.ranges import Draw

_OVERHEAD = 54
"""Bytes of IP, UDP, RTP and SRTP around a payload."""


@dataclass(frozen=True)
class Network:
    seed: int
    kind: str
    parameters: Mapping[str, float]
    """All that was drawn, by the name of its range."""
    stages: tuple[PathStage, ...]

    @property
    def description(self) -> str:
        drawn = ", ".join(f"{name} {value:.3g}" for name, value in self.parameters.items())
        return f"{self.kind}: {drawn}"

    def carry(
        self, sent_ms: NDArray[np.float64], payload_bytes: NDArray[np.float64], loss_seed: int
    ) -> NDArray[np.float64]:
        """Return when each packet arrives in ms, NaN for a lost one. One `loss_seed` gives one result."""
        flight = Flight(sent_ms.astype(np.float64), payload_bytes + _OVERHEAD, np.zeros(len(sent_ms), bool))
        for number, stage in enumerate(self.stages):
            flight = stage.carry(flight, np.random.default_rng([self.seed, loss_seed, number]))
        return np.where(flight.lost, np.nan, flight.at_ms)


def make(seed: int, index: int) -> Network:
    """Return the network of this seed. `index` chooses the kind, so that each is met equally often."""
    kind = KINDS[index % len(KINDS)]
    draw = Draw(np.random.default_rng([seed, 0]))
    parts = tuple(stages(kind, draw))
    return Network(seed, kind, dict(draw.drawn), parts)
