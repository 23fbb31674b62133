"""The body of a request: a JSON object, read within a time and up to a size."""

from __future__ import annotations

import asyncio

import msgspec
from aiohttp import StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError

from workers.dashboard.api.callers import CallRefusedError
from workers.dashboard.api.http_answers import BAD_REQUEST

MOST_BYTES = 64 * 1024
"""Longest body of a request. The longest that makes sense is a list of people to invite."""
BODY_S = 10.0
"""Time for a whole body, as for the head of a request (`ConnectionLimits.request_s`)."""
_SEND_OBJECT = "Send the request's fields as a JSON object."


async def read_fields(request: web.Request) -> dict[str, object]:
    """Return the JSON object of the body, empty for no body. Raises `CallRefusedError`."""
    length = request.content_length
    if length is not None and length > MOST_BYTES:
        raise _too_long()
    try:
        async with asyncio.timeout(BODY_S):
            body = await _read(request.content)
    except TimeoutError as error:
        raise CallRefusedError(
            408, f"The body was not here within {BODY_S:g} s.", "Send it at once.", code=BAD_REQUEST
        ) from error
    except (web.RequestPayloadError, HttpProcessingError) as error:
        raise _bad("The body does not fit its headers.", "Check Content-Encoding and Transfer-Encoding.") from error
    if not body:
        return {}
    if request.content_type != "application/json":
        raise CallRefusedError(415, "The body is not application/json.", _SEND_OBJECT, code=BAD_REQUEST)
    try:
        fields = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _bad("The body is no JSON.", _SEND_OBJECT) from error
    if not isinstance(fields, dict):
        raise _bad("The body is no JSON object.", _SEND_OBJECT)
    return fields


async def _read(content: StreamReader) -> bytes:
    body = bytearray()
    while chunk := await content.readany():
        body += chunk
        if len(body) > MOST_BYTES:
            raise _too_long()
    return bytes(body)


def _bad(message: str, remedy: str) -> CallRefusedError:
    return CallRefusedError(400, message, remedy, code=BAD_REQUEST)


def _too_long() -> CallRefusedError:
    return CallRefusedError(
        413, f"The body is longer than {MOST_BYTES} bytes.", "Send the request's fields only.", code=BAD_REQUEST
    )
