"""Scrubbing of bodies, and of the data of WebSocket frames."""

from __future__ import annotations

import base64
import json
import re
import zlib
from urllib.parse import parse_qsl

from captures.model import Body
from captures.scrub.allow_list import CONSTANTS
from captures.scrub.formats import miranda
from captures.scrub.formats import url as scrub_url
from captures.scrub.protocol import Scrubbing
from captures.scrub.runs import octets

MAX_BODY_BYTES = 4 << 20
_LEFT_OUT = re.compile(r"html|javascript|css|image/|font/|video/|audio/|wasm|octet-stream|xml", re.IGNORECASE)


class BodyScrubber:
    """Scrubs bodies one by one."""

    def __init__(self, scrubber: Scrubbing) -> None:
        self._scrubber = scrubber

    def decoded(self, data: bytes, kind: str, encoding: str) -> Body:
        """Return a scrubbed body of that Content-Type and Content-Encoding."""
        encoding = encoding.casefold().strip()
        if encoding in ("gzip", "deflate", "x-gzip") and data[:1] not in (b"{", b"["):
            try:
                data = zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data, MAX_BODY_BYTES)
            except zlib.error:
                return Body(kind="left-out", data=f"damaged {encoding}")
        elif encoding in ("br", "zstd") and data[:1] not in (b"{", b"["):
            return Body(kind="left-out", data=f"compressed with {encoding}")
        return self.plain(data, kind)

    def plain(self, data: bytes, kind: str) -> Body:
        """Return a scrubbed body without Content-Encoding.

        Pages, pictures and scripts are dropped, since they are not part of the protocol.
        """
        if not data:
            return Body()
        if len(data) > MAX_BODY_BYTES:
            return Body(kind="left-out", data="over 4 MiB")
        if _LEFT_OUT.search(kind) or data.lstrip()[:1] == b"<":
            return Body(kind="left-out", data="a page, picture or script")
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return Body(kind="bytes", data=base64.b64encode(self._bytes(data)).decode())
        return self._text_body(text, kind)

    def _bytes(self, data: bytes) -> bytes:
        frame = miranda.body(self._scrubber, data)
        return octets(self._scrubber.replace, data) if frame is None else frame

    def _text_body(self, text: str, kind: str) -> Body:
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            data = None
        if isinstance(data, dict | list):
            return Body(kind="json", data=self._scrubber.value(data))
        if "form-urlencoded" in kind.casefold():
            found = parse_qsl(text, keep_blank_values=True)
            return Body(kind="form", data=[list(pair) for pair in scrub_url.pairs(self._scrubber, found)])
        return Body(kind="text", data=text if text in CONSTANTS else self._scrubber.text(text))
