"""The seeds of the networks that may be looked at while something is tuned. Those for the verdict are in `held_out`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from benchmarks.receive.networks.draw.network import Network, make

Split = Literal["tuning", "held-out"]
_TUNING = "partyline networks for tuning"


@dataclass(frozen=True)
class Seed:
    """The seed of network `index` of a split."""

    split: Split
    index: int
    value: int

    def network(self) -> Network:
        return make(self.value, self.index)


def tuning(index: int) -> Seed:
    return Seed("tuning", index, derived(_TUNING, index))


def derived(constant: str, index: int) -> int:
    """Return the seed number `index` of a constant: 48 bits of a hash, so that two constants do not meet."""
    return int.from_bytes(hashlib.sha256(f"{constant} {index}".encode()).digest()[:6], "big")
