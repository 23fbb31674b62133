"""The encodings that the scrubber reads through, for whole texts and for parts of them."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable
from urllib.parse import quote, unquote

from captures.scrub import runs
from captures.scrub.draw import HEX
from captures.scrub.formats import jwt, miranda, sdp, url
from captures.scrub.formats.base64text import decode64, encode64
from captures.scrub.formats.shapes import BASE64, FORM, PERCENT
from captures.scrub.protocol import Scrubbing


def _json(scrubber: Scrubbing, text: str, key: str, parent: str) -> str | None:
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    tight = not re.search(r'":\s|",\s|\},\s', text)
    scrubbed = scrubber.value(data, key, parent)
    return json.dumps(scrubbed, ensure_ascii=False, separators=(",", ":") if tight else None)


def _base64(scrubber: Scrubbing, text: str, key: str, parent: str) -> str | None:
    if not BASE64.fullmatch(text) or text.isdecimal() or HEX.fullmatch(text) or scrubber.replace.done(text):
        return None
    data = decode64(text)
    if data is None:
        return None
    try:
        inner = data.decode()
    except UnicodeDecodeError:
        return _binary64(scrubber, data, text)
    if not all(letter.isprintable() or letter in "\n\r\t" for letter in inner):
        return _binary64(scrubber, data, text)
    return encode64(scrubber.text(inner, key, parent).encode("utf-8", "replace"), text)


def _binary64(scrubber: Scrubbing, data: bytes, text: str) -> str | None:
    frame = miranda.body(scrubber, data)
    if frame is not None:
        return encode64(frame, text)
    windows = (data[at : at + 8] for at in range(len(data) - 7))
    if any(scrubber.replace.knows(int.from_bytes(w, order)) for w in windows for order in ("little", "big")):
        return encode64(runs.octets(scrubber.replace, data), text)
    return None


def _form(scrubber: Scrubbing, text: str, key: str, parent: str) -> str | None:
    del key, parent
    return url.form(scrubber, text) if FORM.fullmatch(text) else None


def _percent(scrubber: Scrubbing, text: str, key: str, parent: str) -> str | None:
    if not PERCENT.search(text) or (plain := unquote(text)) == text:
        return None
    return quote(scrubber.text(plain, key, parent), safe="/:?&=+,;@")


def _sdp(scrubber: Scrubbing, text: str, key: str, parent: str) -> str | None:
    del key, parent
    if text.startswith("v=0"):
        return sdp.description(scrubber, text)
    return sdp.candidate(scrubber, text) if text.removeprefix("a=").startswith("candidate:") else None


def _miranda(scrubber: Scrubbing, text: str, key: str, parent: str) -> str | None:
    del key, parent
    return miranda.payload(scrubber, text)


def _jwt(scrubber: Scrubbing, text: str) -> str | None:
    return jwt.token(scrubber, text)


def _uuid(scrubber: Scrubbing, text: str) -> str | None:
    return scrubber.replace.uuid(text)


def _address(scrubber: Scrubbing, text: str) -> str | None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return None
    return scrubber.replace.address(text)


def _dashed(scrubber: Scrubbing, text: str) -> str | None:
    found = _address(scrubber, text.replace("-", "."))
    return None if found is None else found.replace(".", "-")


WRAPPINGS: tuple[Callable[[Scrubbing, str, str, str], str | None], ...] = (
    _json, _miranda, _sdp, _form, _percent, _base64,
)  # fmt: skip
"""Readers of a whole text in order. Each returns the text scrubbed, or None if it is not in its format."""
PARTS_BY_KIND: dict[str, Callable[[Scrubbing, str], str | None]] = {
    "url": url.url,
    "host": url.host,
    "jwt": _jwt,
    "uuid": _uuid,
    "six": _address,
    "four": _address,
    "dashed": _dashed,
    "base64": lambda scrubber, text: _base64(scrubber, text, "", ""),
}
"""Readers of a part of a text, by the name of its group in `captures.scrub.formats.shapes.PARTS`."""
