"""Whether devices or sound servers came or went since the wanted sink was opened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class DeviceSigns:
    def __init__(self, read: Callable[[], tuple[str, ...]]) -> None:
        """`read` returns what changes when devices or sound servers come or go, without asking the system now."""
        self._read = read
        self._before: tuple[str, ...] = ()

    def remember(self) -> None:
        """Compare with the present signs from now on."""
        self._before = self._read()

    @property
    def have_changed(self) -> bool:
        return self._read() != self._before

    async def wait_for_change(self, waits: int, wait_s: float) -> bool:
        """Wait `waits` times `wait_s`. Return early, with True, when they changed, and compare with the new ones then.

        What came while the sink was opened, in vain, counts too.
        """
        for _ in range(waits):
            await asyncio.sleep(wait_s)
            if self.have_changed:
                self.remember()
                return True
        return False
