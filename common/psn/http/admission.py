"""Which calls may be made now: the pace that all workers share, rate limits, blocks, and openings of push channels."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from common.basic.clock import Moment
from common.config.tables import PsnSettings
from common.psn.errors import BlockedError, CallWithdrawnError, PsnError, RateLimitedError
from common.psn.http.call import Call
from common.psn.http.endpoints import EndpointSource
from common.psn.http.pace import CallRate, Closed, Openings
from common.psn.http.shared import SharedPace

YIELDED = 1 / 3
"""Share of the burst that calls on behalf of other members leave to the rest."""


class Admission:
    """One worker's access to the shared pace."""

    def __init__(self, psn: PsnSettings, endpoints: EndpointSource) -> None:
        self._psn = psn
        self._endpoints = endpoints
        with contextlib.suppress(OSError):  # then the pace is kept alone, which it says
            endpoints.pace_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._pace = SharedPace(endpoints.pace_file, CallRate(psn.calls_per_s, psn.call_burst))
        self._log = structlog.get_logger("psn")

    async def wait(self, call: Call) -> None:
        """Wait until the shared pace allows this call. Raises the error that closed its host or all hosts."""
        leave = YIELDED if call.yields else 0.0
        wait_s, forbidden = self._pace.enter(self._place(), call.host, urgent=call.urgent, leave=leave)
        while wait_s > 0 and call.yields and forbidden is None:
            await asyncio.sleep(wait_s)
            if call.still is not None and not call.still():
                raise CallWithdrawnError(call.name)
            wait_s, forbidden = self._pace.enter(self._place(), call.host, urgent=call.urgent, leave=leave)
        if wait_s > 0:
            self._log.debug("held back", call=call.name, wait_s=round(wait_s, 1))
            await asyncio.sleep(wait_s)
            forbidden = self._pace.forbidden(self._place(), call.host)
        if forbidden is None:
            return
        closed, left_s = forbidden
        if closed.kind == "blocked":
            raise BlockedError(closed.message, status=403)
        raise RateLimitedError(closed.message, status=429, retry_after=left_s, reference_id=closed.reference_id)

    def close(self, host: str, error: PsnError, for_s: float) -> None:
        """Forbid all workers' calls to `host` ("": every host) for `for_s` seconds, because of `error`."""
        closed = Closed(
            kind="rate-limited" if isinstance(error, RateLimitedError) else "blocked",
            message=error.message,
            reference_id=error.reference_id,
            at=Moment.now(),
            for_s=for_s,
        )
        self._pace.close(self._place(), host, closed)

    def opening_wait_s(self) -> float:
        """Reserve a push connection (0.0), or return the seconds until one is allowed.

        Raises `NoSimulatorError`.
        """
        openings = Openings(self._psn.push_open_every_s, self._psn.push_open_burst)
        return self._pace.opening(self._place(), openings)

    def _place(self) -> str:
        """Return the key of the servers that the pace belongs to. A restarted simulator gets a new one."""
        endpoints = self._endpoints.current()
        return f"simulator {endpoints.simulator.pid}" if endpoints.simulator else endpoints.mobile
