"""One run: a network, what happens on it with one loss seed, and the talker. Made again from its seeds anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from benchmarks.receive.networks.draw.network import Network
from benchmarks.receive.networks.seeds import Seed
from benchmarks.receive.networks.speak.encoded import EncodedTalk, spoken
from benchmarks.receive.networks.speak.talk import DrawnTalker, talker

SECONDS = 45.0
"""Of a talk: long enough for five pieces of PESQ, and for a delay that is to come down again."""


@dataclass(frozen=True)
class NetworkCase:
    seed: Seed
    loss_seed: int
    seconds: float

    @property
    def name(self) -> str:
        return f"{self.seed.split}-{self.seed.index:04d}-{self.loss_seed}"

    @property
    def network(self) -> Network:
        return _network(self.seed)

    @property
    def talker(self) -> DrawnTalker:
        return talker(self.seed.value, self.loss_seed, self.seconds)

    def spoken(self, *, red: bool | None = None) -> EncodedTalk:
        return spoken(self.talker, red=red)

    def arrivals_ms(self, *, red: bool | None = None) -> NDArray[np.float64]:
        """Return when each packet arrives, NaN for a lost one. Packet 0 is sent at 0."""
        said = self.spoken(red=red)
        return self.network.carry(said.sent_ms(self.talker.drift_ppm), said.sizes(), self.loss_seed)


@lru_cache(maxsize=16)
def _network(seed: Seed) -> Network:
    return seed.network()


def cases(seeds: Iterable[Seed], loss_seeds: int, seconds: float) -> list[NetworkCase]:
    return [NetworkCase(seed, loss_seed, seconds) for seed in seeds for loss_seed in range(loss_seeds)]
