"""What other devices get over http: the page that leads to https, and what a listen link opens.

A listen link opens the sound only, by WebRTC, which encrypts it. Its ticket is no key.
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from workers.dashboard.serve.certificate_page import HEADERS, PATH, CertificatePage
from workers.dashboard.serve.exposed_keys import ExposedKeys, judged
from workers.dashboard.serve.host_check import HostCheck
from workers.dashboard.serve.offered_key import key_of
from workers.dashboard.serve.site import STATIC, checked, local_address

STYLE = "/static/css/base.css"
UPGRADE = 426
"""Status for all but the page itself (RFC 9110, 15.5.22)."""
_REST = "rest"


class PlainHttp:
    """What decides. A key that comes in is refused and judged. Nothing else of that request is looked at."""

    def __init__(
        self,
        host_check: HostCheck,
        page: CertificatePage,
        exposed: ExposedKeys,
        refuse: Callable[[web.Request, int, str, str], web.Response],
    ) -> None:
        self._host_check = host_check
        self._page = page
        self._exposed = exposed
        self._checked = checked(host_check, refuse)

    def middleware(self) -> Middleware:
        """Return what stands before the routes of a listen link: its page, its files and its signaling."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guard(request, handler)

        return guard

    def rest(self) -> web.RouteDef:
        """Return the route of all others."""
        return web.route("*", "/{path:.*}", self._rest, name=_REST)

    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await self._answer(request, handler)
        response.force_close()  # nothing else is to be had here
        return response

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        local = local_address(request)
        if not local or not self._host_check.is_own_host(request.headers.get("Host", ""), local):
            return web.Response(status=421, text="This is not the address of partyline.\n", headers=HEADERS)
        notice = await judged(self._exposed, request.query.get("key") or key_of(request.headers))
        if notice or request.match_info.route.name == _REST or request.match_info.http_exception is not None:
            return self._to_https(request, notice)
        return await self._checked(request, handler)

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        return self._to_https(request, "")

    def _to_https(self, request: web.Request, notice: str) -> web.StreamResponse:
        if request.method not in ("GET", "HEAD"):
            return _refused(notice)
        if request.path == STYLE:
            return web.Response(body=(STATIC / "css" / "base.css").read_bytes(), content_type="text/css")
        response = self._page.answer(request.path, request.url.host or "", notice)
        response.headers.update(HEADERS)
        if not request.path.startswith(PATH):
            response.set_status(UPGRADE)
            response.headers["Upgrade"] = "TLS/1.2, HTTP/1.1"
        return response


def _refused(notice: str) -> web.Response:
    text = f"{notice} Use https.".strip() + "\n"
    return web.Response(status=UPGRADE, text=text, headers={**HEADERS, "Upgrade": "TLS/1.2, HTTP/1.1"})
