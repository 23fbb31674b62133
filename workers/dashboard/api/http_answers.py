"""What the HTTP side answers: JSON, refusals with their status, and the header fields that belong to them."""

from __future__ import annotations

import msgspec
from aiohttp import web

from common.api import PATH
from common.api.frames import ErrorAnswer
from common.errors import BusUnreachableError, ErrorReply, PartylineError
from workers.dashboard.api.callers import CallRefusedError

BAD_REQUEST = "api.bad-request"


def is_of_api(path: str) -> bool:
    """Return whether a path is the API's, so that its errors are JSON."""
    return path == PATH or path.startswith(f"{PATH}/")


def json_answer(value: object, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")


def status_of(error: PartylineError) -> int:
    """Return the HTTP status of an error."""
    if isinstance(error, CallRefusedError):
        return error.status
    if isinstance(error, BusUnreachableError):
        return 503
    return 400 if error.code in ("bus.bad-request", BAD_REQUEST) else 409


def refusal(error: PartylineError) -> web.Response:
    response = json_answer(ErrorAnswer(error=ErrorReply.of(error)), status=status_of(error))
    if isinstance(error, CallRefusedError) and error.retry_s:
        response.headers["Retry-After"] = f"{error.retry_s:.0f}"
    if response.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="partyline"'
    return response


def fault(error: Exception) -> CallRefusedError:
    """Return what a client is told of a fault of this worker. The log has the rest."""
    return CallRefusedError(
        500,
        f"The dashboard worker met an unexpected fault: {type(error).__name__}.",
        "See its log, and report it.",
        code="worker.fault",
    )


def refused(status: int, message: str, remedy: str) -> web.Response:
    """Return the refusal of a request that is wrong in itself, whoever makes it."""
    return refusal(CallRefusedError(status, message, remedy, code=BAD_REQUEST))


def http_refusal(request: web.Request, error: web.HTTPException) -> web.Response:
    """Return what aiohttp refuses by itself in this API's words: unknown paths, methods and handshakes."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted({*error.allowed_methods, "OPTIONS"}))
        response = refusal(
            CallRefusedError(405, f"{request.method} is not allowed here.", f"Use {allowed}.", code="api.unknown")
        )
        response.headers["Allow"] = allowed
        return response
    if error.status == 404:
        return refusal(
            CallRefusedError(404, "There is no such address.", f"See `{PATH}/openapi.json`.", code="api.unknown")
        )
    return refused(error.status, f"{error.reason}.", f"See `{PATH}/openapi.json`.")
