"""Nanoseconds and samples at 48 kHz."""

from __future__ import annotations

MS = 1_000_000


def nanoseconds(samples: int) -> int:
    return samples * 62_500 // 3


def samples(ns: int) -> int:
    return ns * 3 // 62_500
