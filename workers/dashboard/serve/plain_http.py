"""What other devices get over http: the page that leads to https, and nothing that needs a key."""

from __future__ import annotations

from aiohttp import web

from workers.dashboard.serve.certificate_page import HEADERS, PATH, CertificatePage
from workers.dashboard.serve.exposed_keys import ExposedKeys, judged
from workers.dashboard.serve.host_check import HostCheck
from workers.dashboard.serve.offered_key import key_of
from workers.dashboard.serve.site import STATIC

STYLE = "/static/css/base.css"
UPGRADE = 426
"""Status for all but the page itself (RFC 9110, 15.5.22)."""


class PlainHttp:
    """The handler. A key that comes in is refused and judged. Nothing else of the request is looked at."""

    def __init__(self, host_check: HostCheck, page: CertificatePage, exposed: ExposedKeys) -> None:
        self._host_check = host_check
        self._page = page
        self._exposed = exposed

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        response = await self._answer(request)
        response.force_close()  # nothing else is to be had here
        return response

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        transport = request.transport
        local = str(transport.get_extra_info("sockname")[0]).partition("%")[0] if transport else ""
        if not local or not self._host_check.is_own_host(request.headers.get("Host", ""), local):
            return web.Response(status=421, text="This is not the address of partyline.\n", headers=HEADERS)
        notice = await judged(self._exposed, request.query.get("key") or key_of(request.headers))
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
