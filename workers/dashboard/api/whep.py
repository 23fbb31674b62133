"""WHEP, the WebRTC-HTTP Egress Protocol (draft-ietf-wish-whep): a page or a player asks for sound by WebRTC.

POST an offer as `application/sdp`, `?talker=NAME` for one talker. The answer is 201 with the SDP, and `Location` names
what DELETE ends. An answer has all candidates, so PATCH is not offered. The bearer is a key of the pages or a ticket of
a listen link. A browser that came with a ticket once needs neither: its certificate is known.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from common.api import WHEP
from common.bus import Bus
from common.config.pages import Rights
from common.config.settings import is_loopback
from common.errors import BusUnreachableError, PartylineError
from common.requests import CloseListening, OpenListening
from workers.dashboard.api.body import BODY_S
from workers.dashboard.api.callers import NOBODY, Callers, CallRefusedError
from workers.dashboard.api.http_answers import BAD_REQUEST
from workers.dashboard.serve.offered_key import key_of
from workers.dashboard.serve.site import local_address

SDP = "application/sdp"
MOST_BYTES = 32 * 1024
_LISTENER = WHEP + "/{name:[A-Za-z0-9_-]{16}}"
ANSWERS_S = 5.0
"""Time for the webrtc worker to answer an offer, most of which is aiortc's."""


class Whep:
    def __init__(self, bus: Bus, callers: Callers, page_rights: Callable[[str], Rights]) -> None:
        self._bus = bus
        self._callers = callers
        self._rights = page_rights

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(WHEP, self._open),
            web.delete(_LISTENER, self._close),
            web.options(WHEP, _options("OPTIONS, POST")),
            web.options(_LISTENER, _options("DELETE, OPTIONS")),
        ]

    async def _open(self, request: web.Request) -> web.Response:
        self._callers.take(NOBODY, time.monotonic())
        given = key_of(request.headers)
        has_key = bool(self._rights(given))
        if request.content_type != SDP:
            raise self._refusal(415, f"The body is not {SDP}.", has_key=has_key)
        offer = await _body(request)
        address = local_address(request)
        wanted = OpenListening(
            offer=offer,
            talker=request.query.get("talker", "").strip()[:100],
            address="" if is_loopback(address) else address,
            has_key=has_key,
            ticket="" if has_key else given[:200],
        )
        try:
            opened = await self._bus.request(wanted, ANSWERS_S)
        except BusUnreachableError as error:
            raise BusUnreachableError(
                "Sound by WebRTC is not running.", "Run `partyline restart webrtc`.", code=error.code
            ) from error
        except PartylineError as error:
            raise _told(error) from error
        headers = {"Location": f"{WHEP}/{opened.listening_id}"}
        return web.Response(status=201, body=opened.answer.encode(), content_type=SDP, headers=headers)

    async def _close(self, request: web.Request) -> web.Response:
        self._callers.take(NOBODY, time.monotonic())
        await self._bus.request(CloseListening(listening_id=request.match_info["name"]), ANSWERS_S)
        return web.Response()

    @staticmethod
    def _refusal(status: int, message: str, *, has_key: bool) -> CallRefusedError:
        """Return the refusal of a body. Who has no key is told that first."""
        if has_key:
            return CallRefusedError(status, message, "Send the offer's SDP.", code=BAD_REQUEST)
        return CallRefusedError(
            401, "No key, no listen link.", "Open the page by a link of `partyline listen-link`.", code="api.no-key"
        )


async def _body(request: web.Request) -> str:
    """Return the offer. Raises `CallRefusedError`."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            while chunk := await request.content.readany():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise CallRefusedError(
                        413, f"The offer is longer than {MOST_BYTES} bytes.", "Offer one audio track.", code=BAD_REQUEST
                    )
    except TimeoutError as error:
        raise CallRefusedError(
            408, f"The offer was not here within {BODY_S:g} s.", "Send it at once.", code=BAD_REQUEST
        ) from error
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise CallRefusedError(400, "The offer is no text.", "Send the offer's SDP.", code=BAD_REQUEST) from error


def _told(error: PartylineError) -> CallRefusedError:
    """Return the worker's refusal with its HTTP status."""
    statuses = {"webrtc.not-admitted": 401, "webrtc.bad-offer": 400, "bus.bad-request": 400}
    return CallRefusedError(statuses.get(error.code, 409), error.message, error.remedy, code=error.code)


def _options(allowed: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=204, headers={"Allow": allowed, "Accept-Post": SDP})

    return answer
