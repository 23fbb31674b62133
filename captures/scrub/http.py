"""Scrubbing of whole exchanges: headers, cookies, bodies, WebSocket frames. Times become relative."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Sequence
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

from captures.model import About, Body, Capture, Exchange, Frame, Message, RawExchange, RawFrame
from captures.scrub import miranda
from captures.scrub import url as scrub_url
from captures.scrub.fakes import Fakes, Stand
from captures.scrub.harmless import CONSTANTS, HEADERS, header_may_stay, is_known
from captures.scrub.scrubber import Scrubber

MAX_BODY_BYTES = 4 << 20
_METHOD = re.compile(r"GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT")
_SCHEME = re.compile(r"https?|wss?")
_LEFT_OUT = re.compile(r"html|javascript|css|image/|font/|video/|audio/|wasm|octet-stream|xml", re.IGNORECASE)
_COOKIE_WORDS = re.compile(r"(?i)httponly|secure|samesite=(?:lax|strict|none)|path=/|max-age=[0-9]{1,9}")
_AUTH = re.compile(r"(?i)(bearer|basic|digest) (.+)")


def scrub(
    raw: Sequence[RawExchange], source: Literal["har", "flows", "folder", "live", "probe"], damage: str = ""
) -> Capture:
    """Return a capture of the exchanges with Sony's hosts, without any real values."""
    wanted = [exchange for exchange in raw if scrub_url.is_psn(scrub_url.host_of(exchange.url))]
    stand = Fakes()
    shell = ExchangeScrubber(stand, min((exchange.at for exchange in wanted), default=0.0))
    for exchange in wanted:  # learns all ids and names, so that earlier occurrences are replaced alike
        shell.exchange(exchange, 0)
    found = [shell.exchange(exchange, n) for n, exchange in enumerate(wanted)]
    frames = sorted((frame for _, some in found for frame in some), key=lambda frame: frame.at)
    about = About(
        source=source,
        exchanges=len(found),
        frames=len(frames),
        other_hosts=len(raw) - len(wanted),
        damage=damage,
    )
    return Capture(about=about, exchanges=tuple(exchange for exchange, _ in found), frames=tuple(frames))


def _split(url: str) -> SplitResult:
    """Return a URL's parts. An invalid URL becomes a path that is replaced as a whole."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("https:///" + quote(url, safe=""))


class ExchangeScrubber:
    """Scrubs exchanges one by one. `start` (Unix seconds) becomes 0."""

    def __init__(self, stand: Stand, start: float) -> None:
        self.scrubber = Scrubber(stand)
        self._start = start

    def exchange(self, raw: RawExchange, n: int) -> tuple[Exchange, list[Frame]]:
        parts = _split(raw.url)
        path, values = scrub_url.split_path(self.scrubber, parts.path)
        return (
            Exchange(
                n=n,
                at=self._at(raw.at),
                took=round(raw.took, 4),
                method=raw.method if _METHOD.fullmatch(raw.method) else "OTHER",
                scheme=parts.scheme if _SCHEME.fullmatch(parts.scheme) else "https",
                host=scrub_url.host(self.scrubber, parts.hostname or ""),
                path=path,
                values=tuple(scrub_url.scrub_segment(self.scrubber, value) for value in values),
                query=tuple(scrub_url.pairs(self.scrubber, parse_qsl(parts.query, keep_blank_values=True))),
                request=self._message(raw.headers, raw.body),
                status=raw.status if 0 <= raw.status < 1000 else 0,
                response=self._message(raw.answer_headers, raw.answer),
            ),
            [self.frame(frame, n) for frame in raw.frames],
        )

    def frame(self, raw: RawFrame, n: int) -> Frame:
        data = raw.data.encode("utf-8", "replace") if isinstance(raw.data, str) else raw.data
        return Frame(
            exchange=n,
            at=self._at(raw.at),
            sender="client" if raw.from_client else "server",
            binary=isinstance(raw.data, bytes),
            body=self.body(data, ""),
        )

    def _at(self, at: float) -> float:
        return round(max(0.0, at - self._start), 4)

    def _message(self, headers: Sequence[tuple[str, str]], body: bytes) -> Message:
        scrubbed = tuple((self._name(name), self.header(name, value)) for name, value in headers)
        lower = {name.casefold(): value for name, value in headers}
        return Message(
            headers=scrubbed,
            body=self._decoded(body, lower.get("content-type", ""), lower.get("content-encoding", "")),
        )

    def _name(self, name: str) -> str:
        return name if is_known(name) or name.casefold() in HEADERS else self.scrubber.plain(name)

    # --- headers ------------------------------------------------------------------------------------

    def header(self, name: str, value: str) -> str:
        """Return a header's scrubbed value."""
        lower = name.casefold()
        if header_may_stay(lower, value):
            return value
        if lower in ("authorization", "proxy-authorization") and (match := _AUTH.fullmatch(value)):
            return f"{match[1]} {self.scrubber.text(match[2])}"
        if lower == "cookie":
            return "; ".join(self._cookie(part.strip()) for part in value.split(";"))
        if lower == "set-cookie":
            return self._set_cookie(value)
        if lower == "user-agent":
            return self._agent(value)
        return self.scrubber.text(value)

    def _cookie(self, text: str) -> str:
        name, equals, value = text.partition("=")
        return f"{self._name(name)}{equals}{self.scrubber.text(value)}"

    def _set_cookie(self, value: str) -> str:
        first, *more = (part.strip() for part in value.split(";"))
        return "; ".join([self._cookie(first), *(self._cookie_attribute(part) for part in more)])

    def _cookie_attribute(self, text: str) -> str:
        if _COOKIE_WORDS.fullmatch(text):
            return text
        name, equals, value = text.partition("=")
        if name.casefold() == "domain" and scrub_url.is_psn(value.lstrip(".")):
            return f"{name}={'.' if value.startswith('.') else ''}{scrub_url.host(self.scrubber, value.lstrip('.'))}"
        return f"{self._name(name)}{equals}{self.scrubber.text(value)}"

    def _agent(self, value: str) -> str:
        """Return a User-Agent with software and versions, without device model and system build."""
        return re.sub(r"[^/\s();]+(?:/[^\s();]+)?", lambda match: self._product(match[0]), value)

    def _product(self, text: str) -> str:
        name, slash, version = text.partition("/")
        known = name if is_known(name) and not any(letter.isdigit() for letter in name) else self.scrubber.plain(name)
        shown = version if re.fullmatch(r"[0-9]{1,4}(?:\.[0-9]{1,3}){0,2}", version) else self.scrubber.plain(version)
        return known + slash + shown

    # --- bodies -------------------------------------------------------------------------------------

    def _decoded(self, data: bytes, kind: str, encoding: str) -> Body:
        encoding = encoding.casefold().strip()
        if encoding in ("gzip", "deflate", "x-gzip") and data[:1] not in (b"{", b"["):
            try:
                data = zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data, MAX_BODY_BYTES)
            except zlib.error:
                return Body(kind="left-out", data=f"damaged {encoding}")
        elif encoding in ("br", "zstd") and data[:1] not in (b"{", b"["):
            return Body(kind="left-out", data=f"compressed with {encoding}")
        return self.body(data, kind)

    def body(self, data: bytes, kind: str) -> Body:
        """Return a scrubbed body. Pages, pictures and scripts are dropped, since they are not part of the protocol."""
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
        frame = miranda.body(self.scrubber, data)
        return self.scrubber.octets(data) if frame is None else frame

    def _text_body(self, text: str, kind: str) -> Body:
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            data = None
        if isinstance(data, dict | list):
            return Body(kind="json", data=self.scrubber.value(data))
        if "form-urlencoded" in kind.casefold():
            found = parse_qsl(text, keep_blank_values=True)
            return Body(kind="form", data=[list(pair) for pair in scrub_url.pairs(self.scrubber, found)])
        return Body(kind="text", data=text if text in CONSTANTS else self.scrubber.text(text))
