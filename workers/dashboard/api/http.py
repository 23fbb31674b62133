"""The HTTP side of the API: its state, its requests, its schema."""

from __future__ import annotations

import functools
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from common.api import PATH
from common.api.frames import Hello, StateSnapshot
from common.api.keys import KeyGrant
from common.api.schema import asyncapi, openapi
from common.errors import PartylineError
from workers.dashboard.api.body import read_fields
from workers.dashboard.api.callers import NOBODY, Callers, CallRefusedError, may_call_from
from workers.dashboard.api.feed import Feed, chosen, named
from workers.dashboard.api.http_answers import fault, http_refusal, is_of_api, json_answer, refusal
from workers.dashboard.api.requests import ApiRequests
from workers.dashboard.serve.offered_key import key_of
from workers.dashboard.state import PageState


class ApiHttp:
    def __init__(
        self, state: PageState, feed: Feed, callers: Callers, requests: ApiRequests, origins: tuple[str, ...]
    ) -> None:
        """`origins` are the other sites whose pages may call."""
        self._state = state
        self._feed = feed
        self._callers = callers
        self._requests = requests
        self._origins = origins
        self._log = structlog.get_logger("dashboard")

    def routes(self) -> list[web.RouteDef]:
        paths: dict[str, tuple[str, Callable[[web.Request], Awaitable[web.StreamResponse]]]] = {
            PATH + "{slash:/?}": ("GET", self._hello),
            f"{PATH}/state": ("GET", self._snapshot),
            f"{PATH}/requests/{{name}}": ("POST", self._request),
            f"{PATH}/openapi.json": ("GET", self._openapi),
            f"{PATH}/asyncapi.json": ("GET", self._asyncapi),
        }
        return [
            *(web.get(path, handler) if method == "GET" else web.post(path, handler)
              for path, (method, handler) in paths.items()),
            *(web.options(path, _preflight(method)) for path, (method, _) in paths.items()),
        ]  # fmt: skip

    def middleware(self) -> Middleware:
        """Return what stands before every handler of the API: the check of the origin, and errors as JSON."""

        @web.middleware
        async def answering(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not is_of_api(request.path):
                return await handler(request)
            try:
                self._check_origin(request)
                response = await handler(request)
            except PartylineError as error:
                response = refusal(error)
            except web.HTTPException as error:
                response = http_refusal(request, error)
            except ConnectionError:
                raise  # the client is gone
            except Exception as error:  # noqa: BLE001  # the client gets JSON whatever happens, and the log the reason
                self._log.exception("a request of the API failed", path=request.path)
                response = refusal(fault(error))
            return response if response.prepared else self._for_page(request, response)

        return answering

    # --- handlers ----------------------------------------------------------------------------------

    async def _hello(self, request: web.Request) -> web.Response:
        grant = self._admitted(request)
        return json_answer(Hello(right=grant.right, also=grant.also, run=self._feed.run, number=self._feed.number))

    async def _snapshot(self, request: web.Request) -> web.Response:
        self._admitted(request)
        topics = chosen(self._state.topics(), named(request.query.getall("topics", ())))
        return json_answer(StateSnapshot(id=0, run=self._feed.run, number=self._feed.number, topics=topics))

    async def _request(self, request: web.Request) -> web.Response:
        grant = self._admitted(request)
        name = request.match_info["name"]
        self._requests.check(grant, name)
        return json_answer(await self._requests.serve(grant, name, await read_fields(request)))

    async def _openapi(self, request: web.Request) -> web.Response:
        self._callers.take(NOBODY, time.monotonic())
        return json_answer({**_openapi_document(), "servers": [{"url": _own_origin(request)}]})

    async def _asyncapi(self, request: web.Request) -> web.Response:
        self._callers.take(NOBODY, time.monotonic())
        document = _asyncapi_document()
        here = {**document["servers"]["here"], "host": request.headers.get("Host", "")}
        return json_answer({**document, "servers": {"here": here}})

    # --- inside ------------------------------------------------------------------------------------

    def _admitted(self, request: web.Request) -> KeyGrant:
        """Return what the caller may do, and count the call. Raises `CallRefusedError` (401, 429)."""
        grant = self._callers.grant(key_of(request.headers))
        self._callers.take(grant, time.monotonic())
        return grant

    def _check_origin(self, request: web.Request) -> None:
        """Raise `CallRefusedError` (403) for a page of a site that may not call. What it may is told to everybody."""
        if request.method != "OPTIONS" and not self._may_call(request):
            raise CallRefusedError(
                403,
                "Pages of this site may not call.",
                "Add its origin to `[api] origins` in partyline.toml, then run `partyline restart dashboard`.",
                code="api.origin",
            )

    def _may_call(self, request: web.Request) -> bool:
        return may_call_from(request.headers.get("Origin", ""), _own_origin(request), self._origins)

    def _for_page(self, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        """Add what a browser wants to know before it gives an answer to a page of another site."""
        origin = request.headers.get("Origin", "")
        if origin and self._may_call(request):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
            response.headers["Access-Control-Expose-Headers"] = "Retry-After, Location"
            response.headers["Access-Control-Max-Age"] = "600"
        response.headers["Vary"] = "Origin"
        return response


def _preflight(method: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return the handler of OPTIONS for a path with this method."""
    allowed = "GET, HEAD, OPTIONS" if method == "GET" else f"OPTIONS, {method}"

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=204, headers={"Allow": allowed})

    return answer


def _own_origin(request: web.Request) -> str:
    return f"{request.scheme}://{request.headers.get('Host', '')}"


@functools.cache
def _openapi_document() -> dict[str, Any]:
    """Return the document as plain values. It is made once, since that takes as long as a hundred other answers."""
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(openapi()))
    return document


@functools.cache
def _asyncapi_document() -> dict[str, Any]:
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(asyncapi()))
    return document
