"""Scrubbing of headers and cookies."""

from __future__ import annotations

import re

from captures.scrub.allow_list import HEADERS, header_may_stay, is_known
from captures.scrub.formats import url as scrub_url
from captures.scrub.protocol import Scrubbing

_COOKIE_WORDS = re.compile(r"(?i)httponly|secure|samesite=(?:lax|strict|none)|path=/|max-age=[0-9]{1,9}")
_AUTH = re.compile(r"(?i)(bearer|basic|digest) (.+)")


class HeaderScrubber:
    """Scrubs headers one by one."""

    def __init__(self, scrubber: Scrubbing) -> None:
        self._scrubber = scrubber

    def name(self, name: str) -> str:
        """Return the scrubbed name of a header or cookie."""
        return name if is_known(name) or name.casefold() in HEADERS else self._scrubber.plain(name)

    def value(self, name: str, value: str) -> str:
        """Return a header's scrubbed value."""
        lower = name.casefold()
        if header_may_stay(lower, value):
            return value
        if lower in ("authorization", "proxy-authorization") and (match := _AUTH.fullmatch(value)):
            return f"{match[1]} {self._scrubber.text(match[2])}"
        if lower == "cookie":
            return "; ".join(self._cookie(part.strip()) for part in value.split(";"))
        if lower == "set-cookie":
            return self._set_cookie(value)
        if lower == "user-agent":
            return self._agent(value)
        return self._scrubber.text(value)

    def _cookie(self, text: str) -> str:
        name, equals, value = text.partition("=")
        return f"{self.name(name)}{equals}{self._scrubber.text(value)}"

    def _set_cookie(self, value: str) -> str:
        first, *more = (part.strip() for part in value.split(";"))
        return "; ".join([self._cookie(first), *(self._cookie_attribute(part) for part in more)])

    def _cookie_attribute(self, text: str) -> str:
        if _COOKIE_WORDS.fullmatch(text):
            return text
        name, equals, value = text.partition("=")
        if name.casefold() == "domain" and scrub_url.is_psn(value.lstrip(".")):
            return f"{name}={'.' if value.startswith('.') else ''}{scrub_url.host(self._scrubber, value.lstrip('.'))}"
        return f"{self.name(name)}{equals}{self._scrubber.text(value)}"

    def _agent(self, value: str) -> str:
        """Return a User-Agent with software and versions, without device model and system build."""
        return re.sub(r"[^/\s();]+(?:/[^\s();]+)?", lambda match: self._product(match[0]), value)

    def _product(self, text: str) -> str:
        name, slash, version = text.partition("/")
        known = name if is_known(name) and not any(letter.isdigit() for letter in name) else self._scrubber.plain(name)
        shown = version if re.fullmatch(r"[0-9]{1,4}(?:\.[0-9]{1,3}){0,2}", version) else self._scrubber.plain(version)
        return known + slash + shown
