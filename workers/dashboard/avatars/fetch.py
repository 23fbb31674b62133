"""The download of a picture from PlayStation's CDN, which needs no token and gets none."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from common.psn.http.sessions import session
from workers.dashboard.avatars.images import Image, image_of

MOST_BYTES = 1024 * 1024
TIMEOUT_S = 15.0
OK = 200


def safe_url(url: str, hosts: Sequence[str], own: str) -> str:
    """Return the URL at which that picture may be fetched, "" if it may not.

    Only https from `hosts` and their subdomains. Some of Sony's URLs are http, and their hosts answer https too [seen].
    A picture on the API server itself (`own`, its base URL) is fetched unchanged, which is the simulator's case.
    """
    try:
        parts, base = urlsplit(url), urlsplit(own)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return ""
    if parts.username or parts.password or parts.scheme not in ("http", "https"):
        return ""
    if (parts.scheme, parts.netloc) == (base.scheme, base.netloc):
        return url
    known = any(host == name or host.endswith(f".{name}") for name in hosts)
    if not known or port not in (None, 80 if parts.scheme == "http" else 443):
        return ""
    return urlunsplit(("https", host, parts.path, parts.query, ""))


async def fetch(url: str) -> Image | None:
    """Return the picture at `url`, None if there is none or it is too large.

    Redirects are not followed, since they could lead anywhere. Raises one of `CONNECTION_FAULTS`, or `NoWayOutError`.
    """
    jar, limit = aiohttp.DummyCookieJar(), aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with session(url, cookie_jar=jar, timeout=limit) as http, http.get(url, allow_redirects=False) as answer:
        if answer.status != OK:
            return None
        body = b""
        async for piece in answer.content.iter_chunked(64 * 1024):
            body += piece
            if len(body) > MOST_BYTES:
                return None
    return image_of(body)
