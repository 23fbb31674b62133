"""The requests of the API: decoded and carried out by the workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from common.api.keys import KeyGrant
from common.api.rights import NEEDED
from common.basic.values import refusal
from common.bus import Bus
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

    def check(self, grant: KeyGrant, name: str) -> None:
        """Raise `CallRefusedError` if there is no such request (404) or this key does not allow it (403)."""
        self._callers.check(grant, name, OFFERED)

    async def serve(self, grant: KeyGrant, name: str, fields: Mapping[str, object]) -> object:
        """Return the reply. Raises `PartylineError`."""
        self.check(grant, name)
        try:
            request = msgspec.convert({key: whole(value) for key, value in fields.items()}, OFFERED[name])
        except msgspec.ValidationError as error:
            raise CallRefusedError(
                400, f"{name}: {refusal(error)}.", "The schema is at `/api/v1/openapi.json`.", code="api.bad-request"
            ) from error
        self._wake()
        return await self._bus.request(request, limit_s(request))


def whole(value: object) -> object:
    """Return 30.0 as 30: JSON has one kind of number, and JSON Schema counts both as an integer."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value
