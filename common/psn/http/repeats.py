"""The retry policy of calls. Transient faults (5xx, network, a short rate limit) are retried, and nothing else.

A host is ailing after a call failed on its last try. Until the host answers, each further call to it is tried once,
so that an outage costs one call where a short fault may cost `retries`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import stamina

from common.psn.errors import NoWayOutError, RateLimitedError, ServerFaultError, UnreachableError

T = TypeVar("T")
PATIENT_S = 20.0
"""Longest rate limit that is waited for, in seconds. A longer one is raised to the caller."""


class Repeats:
    """`retries` tries in all, with up to `wait_max_s` between them."""

    def __init__(self, retries: int, wait_max_s: float) -> None:
        self._retries = retries
        self._wait_max_s = wait_max_s
        self._ailing: set[str] = set()

    async def run(self, host: str, attempts: int, once: Callable[[], Awaitable[T]]) -> T:
        """Return the result of `once`, or raise its last error. `attempts` 0: the setting, or 1 for an ailing host."""
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
            if not isinstance(error, NoWayOutError):  # nothing was sent to the host
                self._ailing.add(host)
            raise
        self._ailing.discard(host)
        return found


def _passing(error: Exception) -> bool | float:
    """Return for stamina whether to retry, or how long to wait first after a short rate limit."""
    if isinstance(error, RateLimitedError):
        return error.retry_after + 0.1 if error.retry_after <= PATIENT_S else False
    return isinstance(error, ServerFaultError | UnreachableError) and not isinstance(error, NoWayOutError)
