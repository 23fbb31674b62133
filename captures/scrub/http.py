"""Scrubbing of whole exchanges: headers, cookies, bodies, WebSocket frames. Times become relative."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

from captures.model import Capture, CaptureAbout, CapturedFrame, CapturedMessage, Exchange, RawExchange, RawFrame
from captures.scrub.bodies import BodyScrubber
from captures.scrub.fakes import Fakes, Replacements
from captures.scrub.formats import url as scrub_url
from captures.scrub.headers import HeaderScrubber
from captures.scrub.scrubber import Scrubber

_METHOD = re.compile(r"GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT")
_SCHEME = re.compile(r"https?|wss?")


def scrub(
    raw: Sequence[RawExchange], source: Literal["har", "flows", "folder", "live", "probe"], damage: str = ""
) -> Capture:
    """Return a capture of the exchanges with Sony's hosts, without any real values."""
    wanted = [exchange for exchange in raw if scrub_url.is_psn(scrub_url.host_of(exchange.url))]
    scrubber = ExchangeScrubber(Fakes(), min((exchange.at for exchange in wanted), default=0.0))
    for exchange in wanted:  # learns all ids and names, so that earlier occurrences are replaced alike
        scrubber.exchange(exchange, 0)
    found = [scrubber.exchange(exchange, n) for n, exchange in enumerate(wanted)]
    frames = sorted((frame for _, some in found for frame in some), key=lambda frame: frame.at)
    about = CaptureAbout(
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

    def __init__(self, replace: Replacements, start: float) -> None:
        self._scrubber = Scrubber(replace)
        self._headers = HeaderScrubber(self._scrubber)
        self._bodies = BodyScrubber(self._scrubber)
        self._start = start

    def exchange(self, raw: RawExchange, n: int) -> tuple[Exchange, list[CapturedFrame]]:
        parts = _split(raw.url)
        path, values = scrub_url.split_path(self._scrubber, parts.path)
        return (
            Exchange(
                n=n,
                at=self._at(raw.at),
                took=round(raw.took, 4),
                method=raw.method if _METHOD.fullmatch(raw.method) else "OTHER",
                scheme=parts.scheme if _SCHEME.fullmatch(parts.scheme) else "https",
                host=scrub_url.host(self._scrubber, parts.hostname or ""),
                path=path,
                values=tuple(scrub_url.scrub_segment(self._scrubber, value) for value in values),
                query=tuple(scrub_url.pairs(self._scrubber, parse_qsl(parts.query, keep_blank_values=True))),
                request=self._message(raw.headers, raw.body),
                status=raw.status if 0 <= raw.status < 1000 else 0,
                response=self._message(raw.answer_headers, raw.answer),
            ),
            [self.frame(frame, n) for frame in raw.frames],
        )

    def frame(self, raw: RawFrame, n: int) -> CapturedFrame:
        data = raw.data.encode("utf-8", "replace") if isinstance(raw.data, str) else raw.data
        return CapturedFrame(
            exchange=n,
            at=self._at(raw.at),
            sender="client" if raw.from_client else "server",
            binary=isinstance(raw.data, bytes),
            body=self._bodies.plain(data, ""),
        )

    def _at(self, at: float) -> float:
        return round(max(0.0, at - self._start), 4)

    def _message(self, headers: Sequence[tuple[str, str]], body: bytes) -> CapturedMessage:
        scrubbed = tuple((self._headers.name(name), self._headers.value(name, value)) for name, value in headers)
        lower = {name.casefold(): value for name, value in headers}
        return CapturedMessage(
            headers=scrubbed,
            body=self._bodies.decoded(body, lower.get("content-type", ""), lower.get("content-encoding", "")),
        )
