"""The scrubber's interface for the readers of JWT, URL, SDP and miranda."""

from __future__ import annotations

from typing import Any, Protocol

from captures.scrub.fakes import Replacements


class Scrubbing(Protocol):
    """Each method returns its argument scrubbed. `captures.scrub.scrubber.Scrubber` implements it."""

    replace: Replacements
    """The source of fakes."""

    def value(self, data: Any, key: str = "", parent: str = "") -> Any:
        """Return JSON, found under `key` of the object under `parent`."""

    def name(self, name: str) -> str:
        """Return the name of a field, header or parameter."""

    def text(self, text: str, key: str = "", parent: str = "") -> str:
        """Return text in any encoding."""

    def plain(self, text: str, *, words: bool = False) -> str:
        """Return unstructured text. Harmless words stay if `words`."""

    def address(self, text: str) -> str:
        """Return an IP address or other text."""

    def is_called(self, text: str) -> bool:
        """Return whether `text` is a person's name learnt so far."""
