"""One HTTP exchange with a server, by the right proxy, and the only file that imports httpx.

It follows no redirect and reads answers up to a limit. It knows no retries, no pace and no tokens.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import msgspec

from common.basic.loop import lookup_trouble
from common.config.tables import PsnSettings
from common.psn.errors import BadAnswerError, NoWayOutError, UnreachableError
from common.psn.http.call import Call, body_of
from common.psn.http.environment import Proxy, proxy_for, ssl_context

MAX_ANSWER_BYTES = 1 << 20
"""Longest answer that is read, which bounds the memory."""


@dataclass(frozen=True)
class RawAnswer:
    """An answer of any status, not decoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(eq=False)
class _Pool:
    """A client of httpx, whose connections outlive a call."""

    client: httpx.AsyncClient
    in_use: int = 0
    """Calls under way."""


class Exchanges:
    """One worker's connections to all servers, a pool for each scheme and proxy. `close` it."""

    def __init__(self, psn: PsnSettings) -> None:
        self._psn = psn
        self._pools: dict[tuple[str, Proxy | None], _Pool] = {}
        self._dropped: list[_Pool] = []
        """Those that close with their last call."""

    async def close(self) -> None:
        pools, self._pools, self._dropped = [*self._pools.values(), *self._dropped], {}, []
        for pool in pools:
            await pool.client.aclose()

    async def drop(self) -> None:
        """Let no further call use a connection that is open now, because the servers may have given it up.

        A call under way is left alone. Its answer may be here, unread: that of a refresh has the only valid token.
        """
        pools, self._pools = list(self._pools.values()), {}
        self._dropped += [pool for pool in pools if pool.in_use]
        for pool in [pool for pool in pools if not pool.in_use]:
            await pool.client.aclose()

    def prepare(self, url: str) -> None:
        """Raise `NoWayOutError` if the environment names a proxy for `url` that cannot be used."""
        self._pool(url)

    async def exchange(self, call: Call, url: str, headers: Mapping[str, str]) -> RawAnswer:
        """Send a call to `url` once. Raises `UnreachableError`, `BadAnswerError` or `NoWayOutError`."""
        pool = self._pool(url)
        pool.in_use += 1
        try:
            return await self._send(pool.client, call, url, headers)
        except (httpx.TransportError, httpx.InvalidURL, OSError) as error:
            proxy = proxy_for(url)
            through = f" through the proxy of {proxy.named_by}" if proxy else ""
            raise _unreachable(
                f"{urlsplit(url).hostname} could not be reached{through} for {call.name}", error
            ) from error
        except (httpx.HTTPError, httpx.StreamError, ValueError) as error:  # broken gzip, invalid header
            raise BadAnswerError(f"The answer to {call.name} cannot be read ({type(error).__name__}).") from error
        finally:
            pool.in_use -= 1
            if not pool.in_use and pool in self._dropped:
                self._dropped.remove(pool)
                await pool.client.aclose()

    async def _send(self, client: httpx.AsyncClient, call: Call, url: str, headers: Mapping[str, str]) -> RawAnswer:
        request = client.build_request(
            call.method,
            url,
            content=msgspec.json.encode(body_of(call)) if call.body is not None else None,
            data=call.form,
            headers=headers,
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
        return RawAnswer(response.status_code, response.headers, bytes(body))

    def _timeout(self, call: Call) -> httpx.Timeout:
        limit = call.timeout_s or self._psn.request_timeout_s
        return httpx.Timeout(limit, connect=min(limit, self._psn.connect_timeout_s))

    def _pool(self, url: str) -> _Pool:
        scheme, proxy = urlsplit(url).scheme, proxy_for(url)
        if (scheme, proxy) not in self._pools:
            # A plain-text connection needs no certificates, so none are loaded.
            secure = scheme == "https" or (proxy is not None and proxy.url.startswith("https:"))
            checks = ssl_context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            try:
                client = httpx.AsyncClient(
                    follow_redirects=False, trust_env=False, verify=checks, proxy=proxy.url if proxy else None
                )
            except (httpx.InvalidURL, ValueError, ImportError) as error:
                raise NoWayOutError(proxy.named_by if proxy else "", "is no address of a proxy") from error
            self._pools[scheme, proxy] = _Pool(client)
        return self._pools[scheme, proxy]


def _unreachable(what: str, error: Exception) -> UnreachableError:
    if why := lookup_trouble(error):
        remedy = "Check this machine's network, and the name server (DNS) in its settings. It is retried automatically."
        return UnreachableError(f"{what}: {why}.", remedy)
    return UnreachableError(f"{what} ({type(error).__name__}).")
