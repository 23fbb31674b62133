"""Handling around each call: the log of calls, the format of refusals, the caller's identity."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from simulator.account.oauth import OAuthRefused
from simulator.account.tokens import TokenOwner
from simulator.facts import account, rests_on
from simulator.facts.miranda import JSON_BODY, LIST_HEADERS, NATIVE_HEADERS
from simulator.shared.call_log import LoggedCall
from simulator.shared.faults import Fault
from simulator.shared.refusals import Refused, bad_request, too_many
from simulator.shared.uuids import is_uuid
from simulator.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
CPSS_ID = "X-PSN-SESSION-MANAGER-CPSS-ID"
CONTROL = "/control/"
MAX_BODY = 256 * 1024
_SEEN_IDS = 200_000
_OF_LISTS = ("request-id", "app-ver", "trace-id", "span-id", "sampled")
_LISTS = re.compile(r"/api/(userProfile|gamingLoungeGroups)/|/sys/gameBase/|/users/me/partySessionsInvitations")
"""Calls of the app's JavaScript side. All other calls to m.np are from its native side."""
_LONG_VERSION = re.compile(r"PlayStationApp-Android/\d+\.\d+\.\d+")


def watch(world: World) -> Middleware:
    """Return the server's middleware, which logs each call and answers each refusal."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        began = time.monotonic()
        fault = await _fault(world, request)
        response = await _answer(world, request, _meeting(fault, handler) if fault else handler)
        world.call_log.called(
            LoggedCall(
                method=request.method,
                path=request.path,
                status=response.status,
                at=time.time(),
                took_ms=round((time.monotonic() - began) * 1000, 3),
                via_link=CPSS_ID in request.headers,
            )
        )
        return response

    return middleware


async def _fault(world: World, request: web.Request) -> Fault | None:
    """Return the fault on demand that applies to this call."""
    if request.path.startswith(CONTROL):
        return None
    text = ""
    if world.faults.wants_text(request.method, request.path):
        shown = (f"{k}: {v}" for k, v in request.headers.items() if k.lower() not in ("authorization", "cookie"))
        body = (await request.read()).decode("utf-8", "replace")
        text = "\n".join([f"{request.method} {request.path_qs} HTTP/1.1", *shown, body])
    fault = world.faults.take(request.method, request.path, text)
    if fault is not None:
        world.naming_check.hinder(time.monotonic())
    return fault


def _meeting(fault: Fault, handler: Handler) -> Handler:
    """Return a handler that applies the fault, and then calls `handler` if the fault only delays."""

    async def meet(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(fault.delay_s)
        if fault.cut and request.transport is not None:
            request.transport.close()
        if fault.cut or fault.status:
            status, headers, body = fault.answer(time.time())
            return web.Response(status=status or 503, headers=headers, body=body)
        return await handler(request)

    return meet


async def _answer(world: World, request: web.Request, handler: Handler) -> web.StreamResponse:
    place = f"{request.method} {request.path}"
    try:
        return await handler(request)
    except Refused as refused:
        if refused.violation:
            world.violated(place, refused.status, refused.reason)
        return web.json_response(refused.body(), status=refused.status, headers=refused.headers)
    except OAuthRefused as refused:
        if refused.violation:
            world.violated(place, refused.status, f"{refused.error}: {refused.description}")
        return web.json_response(refused.body(), status=refused.status)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        world.violated(place, error.status, f"there is no such call: {error.reason}")
        return web.json_response(Refused(error.status, error.reason).body(), status=error.status)


@rests_on(account.TOKEN_ANSWER, account.RATES)
def caller(world: World, request: web.Request) -> TokenOwner:
    """Return the caller. Raises `Refused` (401, 429)."""
    now = time.time()
    grant = world.tokens.bearer(request.headers.get("Authorization", ""), now)
    if wait_s := world.rates.take(grant.person.account_id, time.monotonic()):
        raise too_many(now + wait_s)
    return grant


class CallHeaders:
    """Check that each call to m.np has the headers of the app's side that makes it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: dict[str, None] = {}

    @rests_on(NATIVE_HEADERS, LIST_HEADERS)
    def check(self, request: web.Request) -> None:
        """Raise `Refused` (400) for a missing or superfluous header."""
        if _LISTS.search(request.path):
            if not _LONG_VERSION.fullmatch(request.headers.get("x-psn-app-ver", "")):
                raise bad_request("x-psn-app-ver is not the app's name and version")
            self._take_id(request.headers.get("x-psn-request-id", ""))
        elif self._world.ways.of(NATIVE_HEADERS) == "full":
            if not is_uuid(request.headers.get("x-psn-request-id", "")):
                raise Refused(400, "x-psn-request-id is missing or no UUID", violation=False)
        elif extra := [f"x-psn-{name}" for name in _OF_LISTS if f"x-psn-{name}" in request.headers]:
            raise bad_request(f"a native call carries {extra[0]}")

    @rests_on(LIST_HEADERS)
    def _take_id(self, request_id: str) -> None:
        if not is_uuid(request_id):
            raise bad_request("x-psn-request-id is missing or no UUID")
        if request_id in self._seen:
            raise bad_request("x-psn-request-id was used before")
        self._seen[request_id] = None
        if len(self._seen) > _SEEN_IDS:
            del self._seen[next(iter(self._seen))]


@rests_on(JSON_BODY)
async def json_body(request: web.Request) -> bytes:
    """Return the body of a call that must be JSON. Raises `Refused` (400)."""
    if request.content_type != "application/json":
        raise bad_request(f"Content-Type {request.content_type!r} is not application/json")
    if request.charset not in (None, "utf-8", "UTF-8"):
        raise bad_request(f"charset {request.charset!r} is not utf-8")
    return await request.read()
