"""The client for Sony's servers.

It keeps the pace that all workers share (`admission`). It retries temporary failures only (`repeats`). It refreshes a
refused token once and retries that call once. A block or a rate limit stops further calls before they are made. It logs
no token. Headers: `header_sets`. HTTP itself: `exchange`.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import replace
from typing import Any, Protocol

import msgspec
import structlog

from common.config.tables import PsnSettings
from common.psn.errors import (
    BadAnswerError,
    BlockedError,
    CallWithdrawnError,
    PsnError,
    RateLimitedError,
    RefusedError,
    UnauthorizedError,
    UnreachableError,
)
from common.psn.http.admission import Admission
from common.psn.http.call import Answer, BodyOnce, Call, body_of
from common.psn.http.endpoints import EndpointSource
from common.psn.http.exchange import Exchanges, RawAnswer
from common.psn.http.header_sets import JSON, NativeHeaders, headers_of
from common.psn.http.refusals import error_of, is_html
from common.psn.http.repeats import Repeats
from common.psn.http.trace import CallTrace, Traced, decoded
from common.psn.known import template_of
from common.requests import Token

__all__ = ["Answer", "Call", "PsnClient", "TokenSource", "fingerprint"]


class TokenSource(Protocol):
    """Where access tokens come from."""

    async def token(self, rejected: str = "") -> Token:
        """Return a token. `rejected` is the fingerprint of the one that met a 401."""
        ...


def fingerprint(token: str) -> str:
    """Return the first 16 hex digits of a token's SHA-256, which identify it without revealing it."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]


class PsnClient:
    """One worker's access to the servers. Use within one asyncio loop, and `close` it."""

    def __init__(self, psn: PsnSettings, endpoints: EndpointSource, tokens: TokenSource | None = None) -> None:
        self._psn = psn
        self._endpoints = endpoints
        self._tokens = tokens
        self._exchanges = Exchanges(psn)
        self._admission = Admission(psn, endpoints)
        self._repeats = Repeats(psn.retries, psn.backoff_max_s)
        self._trace = CallTrace(endpoints.trace_file)
        self._trace_id = secrets.token_hex(8)
        self.native_headers = NativeHeaders(psn.native_headers)
        self._log = structlog.get_logger("psn")
        self.calls = 0
        """HTTP requests made so far, including retries."""

    @property
    def accepted_headers(self) -> str:
        """The headers of native calls that the servers accept (`HeaderSet`), empty before the first call."""
        return self.native_headers.accepted or ""

    async def close(self) -> None:
        await self._exchanges.close()

    async def drop_connections(self) -> None:
        """Use new connections from now on, since this machine slept and the old ones may be dead (`Exchanges.drop`)."""
        await self._exchanges.drop()

    async def call(self, call: Call) -> Answer:
        """Make a call. Raises a `PsnError`, `NoSimulatorError`, or an error of the token source."""
        if callable(call.body):
            call = replace(call, body=BodyOnce(call.body))
        return await self._repeats.run(call.host, call.attempts, lambda: self._with_headers(call))

    async def _with_headers(self, call: Call) -> Answer:
        """Make a call with the header set known to be accepted, or try both sets in turn."""
        if call.host != "mobile":
            return await self._signed(call)
        kind = f"{call.method} {template_of(call.path)}"
        headers = call.header_set or self.native_headers.of(call.path)
        try:
            answer = await self._signed(replace(call, header_set=headers))
        except RefusedError as error:
            other = self.native_headers.other(kind, call.path) if error.status == 400 else None
            if other is None:
                raise
            headers = other
            answer = await self._signed(replace(call, header_set=headers))
        self.native_headers.took(call.path, headers)
        return answer

    def opening_wait_s(self) -> float:
        """Reserve a push connection (0.0), or return the seconds until one is allowed.

        Raises `NoSimulatorError`.
        """
        return self._admission.opening_wait_s()

    async def connecting(self) -> None:
        """Count the opening of a WebSocket as a call. Wait for the pace, or raise what forbids it."""
        await self._admission.wait(Call(method="GET", host="push", path="/np/pushNotification"))
        self.calls += 1

    async def _signed(self, call: Call) -> Answer:
        if not call.signed or self._tokens is None:
            return await self._once(call, "")
        token = (await self._tokens.token()).access_token
        try:
            return await self._once(call, token)
        except UnauthorizedError:
            renewed = (await self._tokens.token(fingerprint(token))).access_token
            if renewed == token:
                raise
            return await self._once(call, renewed)

    async def _once(self, call: Call, token: str) -> Answer:
        url = self._endpoints.current().url(call.host, call.path)
        self._exchanges.prepare(url)  # before the pace is used up for nothing
        await self._admission.wait(call)
        if call.still is not None and not call.still():
            raise CallWithdrawnError(call.name)
        self.calls += 1
        started = time.monotonic()
        try:
            answer = await self._exchanges.exchange(call, url, self._headers(call, token))
        except (UnreachableError, BadAnswerError) as error:
            if isinstance(error, UnreachableError):
                self._endpoints.forget()
            self._traced(call, 0, started, type(error.__cause__).__name__ if error.__cause__ else error.message)
            raise
        self._log.debug("call", call=call.name, status=answer.status, ms=round((time.monotonic() - started) * 1000))
        if answer.status >= 400:
            refused = self._refused(call, answer)
            self._traced(call, answer.status, started, refused.sony_message or refused.message, refused)
            raise refused
        self._traced(call, answer.status, started)
        return Answer(status=answer.status, headers=answer.headers, data=_json(call, answer))

    def _headers(self, call: Call, token: str) -> dict[str, str]:
        """Return the headers of one attempt, with fresh ids."""
        headers: dict[str, str] = {"User-Agent": "partyline"}
        if call.host == "mobile":
            headers = headers_of(self._psn, call.header_set or "bare", self._trace_id)
        elif call.body is not None:
            headers["Content-Type"] = JSON
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return headers | dict(call.headers)

    def _traced(
        self, call: Call, status: int, started: float, message: str = "", refused: PsnError | None = None
    ) -> None:
        """CallTrace the parts of a call that may be shown. `started` is in monotonic seconds."""
        self._trace.add(
            Traced(
                at=time.time(),
                method=call.method,
                host=call.host,
                path=template_of(call.path),
                status=status,
                ms=round((time.monotonic() - started) * 1000),
                reference_id=refused.reference_id if refused else "",
                code=refused.sony_code if refused else 0,
                message=message,
                sent=decoded(body_of(call)) if refused and call.path.endswith("/customMessage") else {},
            )
        )

    def _refused(self, call: Call, answer: RawAnswer) -> PsnError:
        status = answer.status
        if status == 403 and is_html(answer.headers, answer.body):
            error = BlockedError(f"PlayStation blocks this address: {call.name} met a 403 page.", status=status)
            self._admission.close("", error, self._psn.block_s)
            return error
        found = error_of(call.name, status, answer.headers, answer.body, time.time(), self._psn.rate_limit_s)
        if isinstance(found, RateLimitedError):
            self._admission.close(call.host, found, found.retry_after)
        self._log.info(
            "refused", call=call.name, status=status, sony_code=found.sony_code, sony_message=found.sony_message,
            reference_id=found.reference_id,
        )  # fmt: skip
        return found


def _json(call: Call, answer: RawAnswer) -> Any:
    status = answer.status
    if not answer.body.strip() or status >= 300 or (call.host != "account" and status == 204):
        return None
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        kind = answer.headers.get("content-type", "unknown type")[:60]
        raise BadAnswerError(f"The answer to {call.name} is no JSON ({status}, {kind}).", status=status) from error
