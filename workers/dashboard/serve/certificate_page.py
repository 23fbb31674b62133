"""The page by which other devices get the root certificate. It needs no key, and is served over http too."""

from __future__ import annotations

import io
import string
from collections.abc import Callable
from html import escape

import segno
from aiohttp import web

from common.config.pages import certificate_url, https_url
from workers.dashboard.serve.site import STATIC, error_page

PATH = "/certificate"
CERTIFICATE = f"{PATH}/partyline.crt"
PROFILE = f"{PATH}/partyline.mobileconfig"
QR = f"{PATH}/address.svg"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class CertificatePage:
    """Answers requests below `PATH`. `root` returns the root certificate in PEM, empty if there is none yet."""

    def __init__(self, root: Callable[[], str], port: int) -> None:
        self._root = root
        self._port = port

    def routes(self) -> list[web.RouteDef]:
        async def answer(request: web.Request) -> web.StreamResponse:
            return self.answer(request.path, request.url.host or "")

        return [web.get(path, answer) for path in (PATH, CERTIFICATE, PROFILE, QR)]

    def answer(self, path: str, host: str, notice: str = "") -> web.Response:
        """Return what is at `path`, else the page. `host` is the name by which the device found this machine."""
        root = self._root()
        if not root:
            return error_page(
                503, "There is no certificate.", "`partyline https on` makes it. `partyline status` says what is wrong."
            )
        # 8 MB, for pages that are open to other devices
        from common.config.https import profile  # noqa: PLC0415
        from common.config.https.authority import der, fingerprint, title  # noqa: PLC0415

        if path == CERTIFICATE:
            return _file(der(root), "application/x-x509-ca-cert", "partyline.crt")
        if path == PROFILE:
            return _file(profile.profile(root), profile.TYPE, "partyline.mobileconfig")
        if path == QR:
            return web.Response(body=_qr(certificate_url(host, self._port)), content_type="image/svg+xml")
        template = string.Template((STATIC / "certificate.html").read_text("utf-8"))
        text = template.substitute(
            notice=f"<p><strong>{escape(notice)}</strong></p>" if notice else "",
            address=escape(https_url(host, self._port)),
            title=escape(title(root)),
            fingerprint=fingerprint(root),
        )
        return web.Response(text=text, content_type="text/html")


def _file(body: bytes, kind: str, name: str) -> web.Response:
    response = web.Response(body=body, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _qr(address: str) -> bytes:
    out = io.BytesIO()
    segno.make(address, micro=False).save(out, kind="svg", scale=8, border=4, light="white", xmldecl=False)
    return out.getvalue()
