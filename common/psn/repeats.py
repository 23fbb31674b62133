"""How often a call is tried: what passes by itself (5xx, network, a short rate limit) again, and nothing else.

A host that failed a call to its last try is ailing: until it answers, each further call to it is tried once, so that an
outage costs one call where a hiccup may cost `retries`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import stamina

from common.psn.errors import NoWayOutError, RateLimitedError, ServerFaultError, UnreachableError

T = TypeVar("T")
PATIENT_S = 20.0
"""A rate limit that ends within so many seconds is waited for; a longer one is told to the caller."""


class Repeats:
    """`retries` tries in all, with up to `wait_max_s` between them."""

    def __init__(self, retries: int, wait_max_s: float) -> None:
        self._retries = retries
        self._wait_max_s = wait_max_s
        self._ailing: set[str] = set()

    async def run(self, host: str, attempts: int, once: Callable[[], Awaitable[T]]) -> T:
        """Return what `once` returns; raises its last error. `attempts` 0: as settings and host want it."""
        tries = attempts or (1 if host in self._ailing else self._retries)
        found: T
        try:
            async for attempt in stamina.retry_context(
                on=_passing,
                attempts=tries,
                timeout=None,
                wait_initial=0.3,
                wait_max=self._wait_max_s,
                wait_jitter=0.5,
            ):
                with attempt:
                    found = await once()
        except (ServerFaultError, UnreachableError) as error:
            if not isinstance(error, NoWayOutError):  # it was not asked
                self._ailing.add(host)
            raise
        self._ailing.discard(host)
        return found


def _passing(error: Exception) -> bool | float:
    """Tell stamina what may be repeated, a short rate limit after its own wait."""
    if isinstance(error, RateLimitedError):
        return error.retry_after + 0.1 if error.retry_after <= PATIENT_S else False
    return isinstance(error, ServerFaultError | UnreachableError) and not isinstance(error, NoWayOutError)
