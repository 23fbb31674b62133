"""Sessions of aiohttp, with the environment's proxies and certificates: for WebSockets and for pictures.

Apart from `environment`, because whoever speaks plain HTTP uses httpx, and aiohttp takes 5 MB.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import aiohttp
from aiohttp_socks import ProxyConnector, ProxyError, ProxyType

from common.psn.http.environment import SOCKS, proxy_for, ssl_context

CONNECTION_FAULTS = (TimeoutError, aiohttp.ClientError, ProxyError, OSError, ValueError)
"""What aiohttp raises when a connection fails, directly or through a proxy."""
_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


def session(url: str, *, force_close: bool = False, **more: Any) -> aiohttp.ClientSession:
    """Return an aiohttp session for servers like that of `url`. Raises `NoWayOutError`.

    Call it within a loop, and close the session. `force_close`: no connection is used twice. ``~/.netrc`` and the
    like are not read.
    """
    proxy = proxy_for(url)
    secure = urlsplit(url).scheme in ("https", "wss") or (proxy is not None and proxy.url.startswith("https:"))
    known: Mapping[str, Any] = {"ssl": ssl_context()} if secure else {}
    known = {**known, "force_close": force_close}
    if proxy is None:
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(**known), trust_env=False, **more)
    parts = urlsplit(proxy.url)
    if parts.scheme not in SOCKS:
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(**known), proxy=proxy.url, trust_env=False, **more)
    connector = ProxyConnector(
        parts.hostname or "",
        parts.port or _PORTS[parts.scheme],
        ProxyType.SOCKS5,
        username=unquote(parts.username or "") or None,
        password=unquote(parts.password or "") or None,
        rdns=True,
        **known,
    )
    return aiohttp.ClientSession(connector=connector, trust_env=False, **more)
