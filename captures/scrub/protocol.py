"""What the readers of one wrapping (JWT, URL, SDP, miranda) ask of the scrubber that calls them."""

from __future__ import annotations

from typing import Any, Protocol

from captures.scrub.fakes import Stand


class Scrubbing(Protocol):
    """Each method returns what it was given without what may not stay; `captures.scrub.scrubber.Scrubber` does it."""

    stand: Stand

    def value(self, data: Any, key: str = "", parent: str = "") -> Any:
        """Return JSON, found under `key` of the object under `parent`."""

    def name(self, name: str) -> str:
        """Return the name of a field, header or parameter."""

    def text(self, text: str, key: str = "", parent: str = "") -> str:
        """Return text that may be wrapped in any way."""

    def plain(self, text: str, *, words: bool = False) -> str:
        """Return text without structure; harmless words stay if `words`."""

    def address(self, text: str) -> str:
        """Return an IP address, or text that is none."""

    def octets(self, data: bytes) -> bytes:
        """Return bytes: as many as came."""

    def is_called(self, text: str) -> bool:
        """Return whether somebody is called so, as far as was learnt."""
