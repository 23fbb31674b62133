"""The requests of the API: decoded, carried out by the workers, and errors with their HTTP status."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from common.api.keys import KeyGrant
from common.api.rights import NEEDED
from common.basic.values import refusal
from common.bus import Bus
from common.errors import BusUnreachableError, PartylineError
from common.requests import Request
from workers.dashboard.api.callers import Callers, CallRefusedError
from workers.dashboard.live.page_requests import limit_s

OFFERED: Mapping[str, type[Request[Any]]] = {cls.__name__: cls for cls in NEEDED}


class ApiRequests:
    """Carries out what a key allows."""

    def __init__(self, bus: Bus, callers: Callers, wake: Callable[[], None]) -> None:
        """`wake` is called before each request, which a person may wait for."""
        self._bus = bus
        self._callers = callers
        self._wake = wake

    async def serve(self, grant: KeyGrant, name: str, fields: object) -> object:
        """Return the reply. Raises `PartylineError`: see `status_of`."""
        self._callers.take(grant, time.monotonic())
        self._callers.check(grant, name, OFFERED)
        try:
            request = msgspec.convert(fields, OFFERED[name])
        except msgspec.ValidationError as error:
            raise CallRefusedError(
                400, f"{name}: {refusal(error)}.", "The schema is at `/api/v1/openapi.json`.", code="api.bad-request"
            ) from error
        self._wake()
        return await self._bus.request(request, limit_s(request))


def status_of(error: PartylineError) -> int:
    """Return the HTTP status of an error."""
    if isinstance(error, CallRefusedError):
        return error.status
    if isinstance(error, BusUnreachableError):
        return 503
    return 400 if error.code in ("bus.bad-request", "api.bad-request") else 409
