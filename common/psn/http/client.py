"""The HTTP client for Sony's servers, and the only file that imports httpx.

It keeps the pace that all workers share. It retries temporary failures only. It refreshes a refused token once and
retries that call once. A block or a rate limit stops further calls before they are made. It follows no redirect, reads
answers up to a limit, and logs no token. Headers: `common.psn.http.header_sets`.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import ssl
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
import msgspec
import structlog

from common.basic.clock import Moment
from common.basic.loop import lookup_trouble
from common.config.tables import Psn
from common.psn import errors
from common.psn.errors import (
    BadAnswerError,
    BlockedError,
    CallWithdrawnError,
    NoWayOutError,
    PsnError,
    RateLimitedError,
    RefusedError,
    UnauthorizedError,
)
from common.psn.http.call import Answer, BodyOnce, Call, body_of
from common.psn.http.endpoints import EndpointSource
from common.psn.http.environment import Proxy, proxy_for, ssl_context
from common.psn.http.header_sets import JSON, NativeHeaders, headers_of
from common.psn.http.pace import Closed, Openings, Pace
from common.psn.http.refusals import error_of, is_html
from common.psn.http.repeats import Repeats
from common.psn.http.shared import SharedPace
from common.psn.http.trace import Trace, Traced, decoded
from common.psn.known import template_of
from common.requests import Token

__all__ = ["Answer", "Call", "PsnClient", "TokenSource", "fingerprint"]

YIELDED = 1 / 3
"""Share of the burst that calls on behalf of other members leave to the rest."""

MAX_ANSWER_BYTES = 1 << 20


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

    def __init__(self, psn: Psn, endpoints: EndpointSource, tokens: TokenSource | None = None) -> None:
        self._psn = psn
        self._endpoints = endpoints
        self._tokens = tokens
        self._clients: dict[tuple[str, Proxy | None], httpx.AsyncClient] = {}
        self._pace = SharedPace(endpoints.run / f"pace-{psn.realm}.json", Pace(psn.calls_per_s, psn.call_burst))
        self._repeats = Repeats(psn.retries, psn.backoff_max_s)
        self._trace = Trace(endpoints.trace_file)
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
        for client in self._clients.values():
            await client.aclose()

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
        openings = Openings(self._psn.push_open_every_s, self._psn.push_open_burst)
        return self._pace.opening(self._place(), openings)

    async def connecting(self) -> None:
        """Count the opening of a WebSocket as a call. Wait for the pace, or raise what forbids it."""
        await self._may_call(Call(method="GET", host="push", path="/np/pushNotification"))
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
        client, through = self._client(url)
        await self._may_call(call)
        if call.still is not None and not call.still():
            raise CallWithdrawnError(call.name)
        self.calls += 1
        started = time.monotonic()
        try:
            status, headers, body = await self._exchange(client, call, url, token)
        except (httpx.TransportError, httpx.InvalidURL, OSError) as error:
            self._endpoints.forget()
            self._traced(call, 0, started, type(error).__name__)
            raise _unreachable(
                f"{urlsplit(url).hostname} could not be reached{through} for {call.name}", error
            ) from error
        except (httpx.HTTPError, httpx.StreamError, ValueError) as error:  # broken gzip, invalid header
            self._traced(call, 0, started, type(error).__name__)
            raise BadAnswerError(f"The answer to {call.name} cannot be read ({type(error).__name__}).") from error
        except BadAnswerError as error:
            self._traced(call, 0, started, error.message)
            raise
        self._log.debug("call", call=call.name, status=status, ms=round((time.monotonic() - started) * 1000))
        if status >= 400:
            refused = self._refused(call, status, headers, body)
            self._traced(call, status, started, refused.sony_message or refused.message, refused)
            raise refused
        self._traced(call, status, started)
        return Answer(status=status, headers=headers, data=_json(call, status, headers, body))

    async def _may_call(self, call: Call) -> None:
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

    def _place(self) -> str:
        """Return the key of the servers that the pace belongs to. A restarted simulator gets a new one."""
        endpoints = self._endpoints.current()
        return f"simulator {endpoints.simulator.pid}" if endpoints.simulator else endpoints.mobile

    def _close(self, host: str, error: PsnError, for_s: float) -> None:
        closed = Closed(
            kind="rate-limited" if isinstance(error, RateLimitedError) else "blocked",
            message=error.message,
            reference_id=error.reference_id,
            at=Moment.now(),
            for_s=for_s,
        )
        self._pace.close(self._place(), host, closed)

    async def _exchange(
        self, client: httpx.AsyncClient, call: Call, url: str, token: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        request = client.build_request(
            call.method,
            url,
            content=msgspec.json.encode(body_of(call)) if call.body is not None else None,
            data=call.form,
            headers=self._headers(call, token),
            timeout=self._timeout(call),
        )
        response = await client.send(request, stream=True, auth=httpx.BasicAuth(*call.basic) if call.basic else None)
        try:
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > MAX_ANSWER_BYTES:
                    raise BadAnswerError(f"The answer to {call.name} is over {MAX_ANSWER_BYTES} bytes.")
        finally:
            await response.aclose()
        return response.status_code, response.headers, bytes(body)

    def _timeout(self, call: Call) -> httpx.Timeout:
        limit = call.timeout_s or self._psn.request_timeout_s
        return httpx.Timeout(limit, connect=min(limit, self._psn.connect_timeout_s))

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

    def _client(self, url: str) -> tuple[httpx.AsyncClient, str]:
        """Return the client for `url`, and words that name its proxy. Raises `NoWayOutError`."""
        scheme, proxy = urlsplit(url).scheme, proxy_for(url)
        if (scheme, proxy) not in self._clients:
            # A plain-text connection needs no certificates, so none are loaded.
            secure = scheme == "https" or (proxy is not None and proxy.url.startswith("https:"))
            checks = ssl_context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            try:
                self._clients[scheme, proxy] = httpx.AsyncClient(
                    follow_redirects=False, trust_env=False, verify=checks, proxy=proxy.url if proxy else None
                )
            except (httpx.InvalidURL, ValueError, ImportError) as error:
                raise NoWayOutError(proxy.named_by if proxy else "", "is no address of a proxy") from error
        return self._clients[scheme, proxy], f" through the proxy of {proxy.named_by}" if proxy else ""

    def _traced(
        self, call: Call, status: int, started: float, message: str = "", refused: PsnError | None = None
    ) -> None:
        """Trace the parts of a call that may be shown. `started` is in monotonic seconds."""
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

    def _refused(self, call: Call, status: int, headers: Mapping[str, str], body: bytes) -> PsnError:
        if status == 403 and is_html(headers, body):
            error = BlockedError(f"PlayStation blocks this address: {call.name} met a 403 page.", status=status)
            self._close("", error, self._psn.block_s)
            return error
        found = error_of(call.name, status, headers, body, time.time(), self._psn.rate_limit_s)
        if isinstance(found, RateLimitedError):
            self._close(call.host, found, found.retry_after)
        self._log.info(
            "refused", call=call.name, status=status, sony_code=found.sony_code, sony_message=found.sony_message,
            reference_id=found.reference_id,
        )  # fmt: skip
        return found


def _json(call: Call, status: int, headers: Mapping[str, str], body: bytes) -> Any:
    if not body.strip() or status >= 300 or (call.host != "account" and status == 204):
        return None
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        kind = headers.get("content-type", "unknown type")[:60]
        raise BadAnswerError(f"The answer to {call.name} is no JSON ({status}, {kind}).", status=status) from error


def _unreachable(what: str, error: Exception) -> errors.UnreachableError:
    if why := lookup_trouble(error):
        remedy = "Check this machine's network, and the name server (DNS) in its settings; it is tried again by itself."
        return errors.UnreachableError(f"{what}: {why}.", remedy)
    return errors.UnreachableError(f"{what} ({type(error).__name__}).")
