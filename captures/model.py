"""The parts of a capture: raw as read (never written to disk), and scrubbed as stored in a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

import msgspec

FORMAT = 1
Kind = Literal["none", "json", "form", "text", "bytes", "left-out"]


@dataclass
class RawFrame:
    """One WebSocket message. `at` in Unix seconds."""

    at: float
    from_client: bool
    data: str | bytes


@dataclass
class RawExchange:
    """One HTTP exchange as captured, with secrets. `status` 0: no answer."""

    method: str
    url: str
    at: float = 0.0
    """Unix seconds."""
    took: float = 0.0
    """Seconds until the answer was complete."""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    status: int = 0
    answer_headers: list[tuple[str, str]] = field(default_factory=list)
    answer: bytes = b""
    frames: list[RawFrame] = field(default_factory=list)


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """`data`: JSON; a list of pairs (form); text; base64 (bytes); the reason (left-out); nothing (none)."""

    kind: Kind = "none"
    data: Any = None

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The pairs of a form, empty for any other kind and for data that was edited by hand."""
        pairs = self.data if self.kind == "form" and isinstance(self.data, list) else []
        return [(str(pair[0]), str(pair[1])) for pair in pairs if isinstance(pair, list) and len(pair) == 2]


class CapturedMessage(msgspec.Struct, frozen=True, kw_only=True):
    headers: tuple[tuple[str, str], ...] = ()
    body: Body = Body()


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `exchanges.jsonl`."""

    n: int
    at: float
    """Seconds since the capture's first exchange."""
    took: float
    """Seconds."""
    method: str
    scheme: str = "https"
    host: str
    path: str
    """Template in which ``{1}``, ``{2}``… stand for `values`."""
    values: tuple[str, ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    request: CapturedMessage = CapturedMessage()
    status: int = 0
    """0: no answer."""
    response: CapturedMessage = CapturedMessage()


class CapturedFrame(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `frames.jsonl`."""

    exchange: int
    """`n` of the exchange that opened the WebSocket."""
    at: float
    sender: Literal["client", "server"]
    binary: bool = False
    body: Body = Body()


class CaptureAbout(msgspec.Struct, frozen=True, kw_only=True):
    """`capture.json`."""

    format: int = FORMAT
    source: Literal["har", "flows", "folder", "live", "probe"] = "har"
    exchanges: int = 0
    frames: int = 0
    other_hosts: int = 0
    """Dropped exchanges with hosts other than Sony's. Live: connections to them, which passed unread."""
    damage: str = ""
    """Unreadable parts of the source, or empty for none."""


class Capture(msgspec.Struct, frozen=True, kw_only=True):
    about: CaptureAbout = CaptureAbout()
    exchanges: tuple[Exchange, ...] = ()
    frames: tuple[CapturedFrame, ...] = ()


def fill(template: str, values: list[str]) -> str:
    """Return the path made of `template` and `values`."""
    return re.sub(r"\{([0-9]+)\}", lambda match: quote(values[int(match[1]) - 1], safe=""), template)
