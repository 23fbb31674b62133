"""The pages, their headers, and access control. Host is checked first, then the key.

The files hold only code, so they need no key. State, sound and actions come by WebSockets, which need a key and this
server's own `Origin`. The page takes the key out of its address and keeps it in the tab's session storage. There is no
cookie: it would go to every port of 127.0.0.1, and `Secure` would keep it from loopback's http.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from socket import SHUT_RDWR

from aiohttp import WSCloseCode, web
from aiohttp.typedefs import Handler, Middleware

from common.config.pages import Rights
from common.config.settings import is_loopback
from workers.dashboard.avatars.images import PATH as PICTURES
from workers.dashboard.avatars.images import Image
from workers.dashboard.serve.host_check import HostCheck
from workers.dashboard.serve.offered_key import key_of

STATIC = Path(__file__).parent.parent / "static"
PAGES = {
    "/": "dashboard.html",
    "/start": "start.html",
    "/dock": "dock.html",
    "/overlay": "overlay.html",
    "/overlay-setup": "overlay-setup.html",
    "/obs-audio": "obs-audio.html",
    "/api": "api.html",
}
LISTENING = "/obs-audio"
OBS_PAGES = frozenset({"/overlay", LISTENING})
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
PROTOCOL = "partyline"
"""WebSocket protocol of the pages. The key is sent beside it as `key.<key>`, so that no log has it."""
BAD_KEY = 4401
NOT_ALLOWED = 4403
CLOSE_S = 2.0
"""Time for a page to answer that it closes. One that is shown does so in milliseconds."""
OPEN_BY = "Open the page with `partyline dashboard`, or copy its address from there."


def local_address(request: web.Request) -> str:
    """Return the address that the connection came to. Empty for one that came through the gate."""
    return _address(request, "sockname")


def is_local(request: web.Request) -> bool:
    """Return whether the client is on this machine."""
    return is_loopback(_address(request, "peername"))


def is_paired(request: web.Request) -> bool:
    """Return whether the client is on a paired machine, whose connections come from the gate."""
    return not local_address(request)


def _address(request: web.Request, which: str) -> str:
    name = request.transport.get_extra_info(which) if request.transport else None
    if isinstance(name, str):
        return ""  # a Unix socket's
    return str(name[0]).partition("%")[0] if name else "0.0.0.0"  # noqa: S104  # compared, not bound


def _refused_page(_: web.Request, status: int, what: str, remedy: str) -> web.Response:
    return error_page(status, what, remedy)


def checked(
    host_check: HostCheck, refuse: Callable[[web.Request, int, str, str], web.Response] = _refused_page
) -> Middleware:
    """Return the middleware that refuses a wrong Host and adds the headers to each response.

    `refuse` makes the answer to a request, of a status, what is wrong and its remedy.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = request.headers.get("Host", "")
        if not host_check.is_own_host(host, local_address(request)):
            return _with_headers(
                refuse(
                    *(request, 421, "This is not the address of partyline."),
                    f"The request was for {host[:80]!r}. {OPEN_BY}",
                ),
                request.path,
                "invalid",
                request.scheme,
            )
        try:
            response = await handler(request)
        except web.HTTPNotFound:
            response = error_page(404, "There is no such page.", f"The pages are {_listed(PAGES)}. " + OPEN_BY)
        except web.HTTPMethodNotAllowed:
            response = error_page(405, "This method is not allowed.", "The pages allow only GET.")
        return response if response.prepared else _with_headers(response, request.path, host, request.scheme)

    return middleware


def _with_headers(response: web.StreamResponse, path: str, host: str, scheme: str) -> web.StreamResponse:
    # No Strict-Transport-Security: a browser would apply it to every port of that name, and leave no way past a
    # certificate that it does not trust yet. Http of other devices is refused here instead.
    sockets = "wss" if scheme == "https" else "ws"
    # OBS puts a source's own CSS into the page as a <style> element, older ones as a data: link
    style, images = ("'self' 'unsafe-inline' data:", "'self' data:") if path in OBS_PAGES else ("'self'", "'self'")
    response.headers.update(
        {
            "Content-Security-Policy": (
                f"default-src 'none'; script-src 'self'; style-src {style}; img-src {images}; "
                f"media-src 'self'; connect-src 'self' {sockets}://{host}; base-uri 'none'; form-action 'none'; "
                "frame-ancestors 'none'"
            ),
            "Cache-Control": "no-store",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        }
    )
    return response


def error_page(status: int, what: str, remedy: str) -> web.Response:
    """Return a page with an error and its remedy, without a script."""
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>partyline</title><link rel="stylesheet" href="/static/css/base.css"><body class="notice">'
        f"<main><h1>{escape(what)}</h1><p>{_with_code(remedy)}</p></main></body></html>"
    )
    return web.Response(status=status, text=text, content_type="text/html")


def _listed(paths: Iterable[str]) -> str:
    """Return the paths as words, with backticks."""
    *others, last = (f"`{path}`" for path in paths)
    return f"{', '.join(others)} and {last}"


def _with_code(words: str) -> str:
    parts = escape(words).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))


def pages(
    rights: Callable[[str], Rights], picture_at: Callable[[str], Image | None], files: Path = STATIC
) -> list[web.RouteDef]:
    """Return the routes of the pages and their `files`. `rights` judges a key in an address.

    `picture_at` finds a picture by its name, which is known only with a key.
    """

    async def page(request: web.Request) -> web.StreamResponse:
        given = request.query.get("key")
        if given is not None:
            allowed = rights(given)
            if not allowed:
                return error_page(403, "This address has an old or wrong key.", OPEN_BY)
            if allowed == "read" and request.path not in OBS_PAGES:
                return error_page(403, "This key is for the overlay and OBS's audio page only.", OPEN_BY)
        return _file(files / PAGES[request.path])

    async def example(request: web.Request) -> web.StreamResponse:
        response = _file(files / "examples" / request.match_info["name"])
        response.content_type = "text/plain"  # to be read, not run
        return response

    async def picture(request: web.Request) -> web.StreamResponse:
        found = picture_at(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        return web.Response(body=found.body, content_type=found.type)

    return [
        *(web.get(path, page) for path in PAGES),
        _static(files),
        web.get("/static/examples/{name:[a-z]+/[a-z-]+\\.(?:py|mjs|sh|html)}", example),
        web.get(PICTURES + "{name:[0-9a-f]{40}}", picture),
    ]


def listening_pages(files: Path = STATIC) -> list[web.RouteDef]:
    """Return the routes of the page that a listen link opens, and of its files."""

    async def page(_: web.Request) -> web.StreamResponse:
        return _file(files / PAGES[LISTENING])

    return [web.get(LISTENING, page), _static(files)]


def _static(files: Path) -> web.RouteDef:
    async def static(request: web.Request) -> web.StreamResponse:
        return _file(files / request.match_info["name"])

    return web.get("/static/{name:[a-z0-9/-]+\\.(css|js|svg)}", static)


def _file(path: Path) -> web.Response:
    try:
        body = path.read_bytes()
    except OSError:
        raise web.HTTPNotFound from None
    return web.Response(body=body, content_type=TYPES.get(path.suffix, "text/plain"), charset="utf-8")


async def open_socket(
    request: web.Request, rights: Callable[[str], Rights], wanted: frozenset[Rights]
) -> web.WebSocketResponse | None:
    """Return the WebSocket of one of our pages with a key in `wanted`. Else close it with the reason, return None."""
    headers = request.headers
    if not HostCheck.is_own_origin(headers.get("Origin", ""), headers.get("Host", ""), request.scheme):
        raise web.HTTPForbidden(text="Only a page of this address may connect.")
    socket = web.WebSocketResponse(heartbeat=20, max_msg_size=128 * 1024, protocols=(PROTOCOL,), compress=False)
    await socket.prepare(request)
    allowed = rights(key_of(request.headers))
    if allowed in wanted:
        return socket
    if allowed:
        await socket.close(code=NOT_ALLOWED, message=b"this key does not allow that")
    else:
        await socket.close(code=BAD_KEY, message=b"wrong key")
    return None


async def closed(sockets: list[web.WebSocketResponse], code: int = WSCloseCode.GOING_AWAY) -> None:
    """Close them all within `CLOSE_S`. One whose page does not read is cut off then."""
    await asyncio.gather(*(_closed(socket, code) for socket in sockets))


async def _closed(socket: web.WebSocketResponse, code: int) -> None:
    try:
        async with asyncio.timeout(CLOSE_S):
            await socket.close(code=code)
    except TimeoutError:
        if (raw := socket.get_extra_info("socket")) is not None:
            with contextlib.suppress(OSError):
                raw.shutdown(SHUT_RDWR)
