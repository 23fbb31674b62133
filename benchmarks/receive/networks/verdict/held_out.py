"""The seeds that no tuning has seen. Only the verdict's command may import this (a test holds that)."""

from __future__ import annotations

from benchmarks.receive.networks.seeds import Seed, derived

_HELD_OUT = "partyline networks held out for the verdict"


def held_out(index: int) -> Seed:
    return Seed("held-out", index, derived(_HELD_OUT, index))
