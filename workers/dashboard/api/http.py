"""The HTTP side of the API: its state, its requests, its schema."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from common.api import PATH
from common.api.frames import ErrorAnswer, Hello, StateSnapshot
from common.api.schema import asyncapi, openapi
from common.errors import ErrorReply, PartylineError
from workers.dashboard.api.callers import Callers, CallRefusedError, may_call_from
from workers.dashboard.api.feed import Feed, chosen, named
from workers.dashboard.api.requests import ApiRequests, status_of
from workers.dashboard.serve.offered_key import key_of
from workers.dashboard.state import PageState

MOST_BYTES = 64 * 1024
"""Longest body of a request. The longest that makes sense is a list of people to invite."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


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

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(PATH + "{slash:/?}", self._answering(self._hello)),
            web.get(f"{PATH}/state", self._answering(self._snapshot)),
            web.post(f"{PATH}/requests/{{name}}", self._answering(self._request)),
            web.get(f"{PATH}/openapi.json", self._answering(_openapi)),
            web.get(f"{PATH}/asyncapi.json", self._answering(_asyncapi)),
            *(web.options(path, self._preflight) for path in (PATH, f"{PATH}/state", f"{PATH}/requests/{{name}}")),
        ]

    def check_origin(self, request: web.Request) -> None:
        """Raise `CallRefusedError` (403) for a page of a site that may not call."""
        if not may_call_from(request.headers.get("Origin", ""), _own_origin(request), self._origins):
            raise CallRefusedError(
                403,
                "Pages of this site may not call.",
                "Add its origin to `[api] origins` in partyline.toml, then run `partyline restart dashboard`.",
                code="api.origin",
            )

    # --- handlers ----------------------------------------------------------------------------------

    async def _hello(self, request: web.Request) -> web.Response:
        grant = self._callers.grant(key_of(request.headers))
        return _json(Hello(right=grant.right, also=grant.also, run=self._feed.run, number=self._feed.number))

    async def _snapshot(self, request: web.Request) -> web.Response:
        self._callers.grant(key_of(request.headers))
        topics = chosen(self._state.topics(), named(request.query.get("topics")))
        return _json(StateSnapshot(id=0, run=self._feed.run, number=self._feed.number, topics=topics))

    async def _request(self, request: web.Request) -> web.Response:
        grant = self._callers.grant(key_of(request.headers))
        return _json(await self._requests.serve(grant, request.match_info["name"], await _fields(request)))

    async def _preflight(self, request: web.Request) -> web.StreamResponse:
        return self._for_page(request, web.Response(status=204))

    # --- inside ------------------------------------------------------------------------------------

    def _answering(self, handler: Handler) -> Handler:
        @functools.wraps(handler)
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                self.check_origin(request)
                response = await handler(request)
            except PartylineError as error:
                response = _refusal(error)
            return self._for_page(request, response)

        return answer

    def _for_page(self, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        """Add what a browser wants to know before it gives an answer to a page of another site."""
        origin = request.headers.get("Origin", "")
        if origin and may_call_from(origin, _own_origin(request), self._origins):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            response.headers["Access-Control-Allow-Methods"] = "GET, POST"
            response.headers["Access-Control-Max-Age"] = "600"
        response.headers["Vary"] = "Origin"
        return response


@web.middleware
async def api_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer unknown paths and methods below the API as JSON, where a page would get a page."""
    if not request.path.startswith(PATH):
        return await handler(request)
    try:
        return await handler(request)
    except web.HTTPNotFound:
        return _refusal(
            CallRefusedError(404, "There is no such address.", f"See `{PATH}/openapi.json`.", code="api.unknown")
        )
    except web.HTTPMethodNotAllowed as error:
        allowed = ", ".join(sorted(error.allowed_methods))
        refused = _refusal(
            CallRefusedError(405, f"{request.method} is not allowed here.", f"Use {allowed}.", code="api.unknown")
        )
        refused.headers["Allow"] = allowed
        return refused


def _own_origin(request: web.Request) -> str:
    return f"http://{request.headers.get('Host', '')}"


async def _fields(request: web.Request) -> object:
    """Return the JSON object of the body, empty for no body. Raises `CallRefusedError`."""
    length = request.content_length
    if length is not None and length > MOST_BYTES:
        raise _too_long()
    body = await request.content.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise _too_long()
    if not body:
        return {}
    if request.content_type != "application/json":
        raise CallRefusedError(
            415,
            "The body is not application/json.",
            "Send the request's fields as a JSON object.",
            code="api.bad-request",
        )
    try:
        fields = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise CallRefusedError(
            400, "The body is no JSON.", "Send the request's fields as a JSON object.", code="api.bad-request"
        ) from error
    if not isinstance(fields, dict):
        raise CallRefusedError(
            400, "The body is no JSON object.", "Send the request's fields as a JSON object.", code="api.bad-request"
        )
    return fields


def _too_long() -> CallRefusedError:
    return CallRefusedError(
        413, f"The body is longer than {MOST_BYTES} bytes.", "Send the request's fields only.", code="api.bad-request"
    )


def _refusal(error: PartylineError) -> web.Response:
    response = _json(ErrorAnswer(error=ErrorReply.of(error)), status=status_of(error))
    if isinstance(error, CallRefusedError) and error.retry_s:
        response.headers["Retry-After"] = f"{error.retry_s:.0f}"
    if response.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="partyline"'
    return response


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")


async def _openapi(request: web.Request) -> web.Response:
    document = openapi()
    document["servers"] = [{"url": _own_origin(request)}]
    return _json(document)


async def _asyncapi(request: web.Request) -> web.Response:
    document = asyncapi()
    document["servers"]["here"]["host"] = request.headers.get("Host", "")
    return _json(document)
