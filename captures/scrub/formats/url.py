"""Scrubbing of URLs and forms. Only known hosts, path segments and parameter names stay."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from captures.model import fill
from captures.scrub.allow_list import CONSTANTS, LOOPBACK, PSN_SUFFIXES, is_known, segment_may_stay
from captures.scrub.protocol import Scrubbing

_DASHED = re.compile(r"([0-9]{1,3}(?:-[0-9]{1,3}){3})-(.+)")
_SCHEMES = ("https", "http", "wss", "ws", "stun", "turn", "com.scee.psxandroid.scecompcall")


def is_psn(host: str) -> bool:
    """Return whether `host` is Sony's, or a simulator on this machine."""
    host = host.casefold().rstrip(".")
    return host in LOOPBACK or any(host == suffix or host.endswith("." + suffix) for suffix in PSN_SUFFIXES)


def host_of(text: str) -> str:
    """Return a URL's host name, empty if it has none."""
    try:
        return urlsplit(text).hostname or ""
    except ValueError:
        return ""


def url(scrubber: Scrubbing, text: str) -> str | None:
    """Return a scrubbed URL, or None if `text` is not one."""
    if text in CONSTANTS:
        return text
    try:
        parts = urlsplit(text)
        netloc, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if not netloc:
        return None
    scheme = parts.scheme if parts.scheme in _SCHEMES else scrubber.plain(parts.scheme)
    user = f"{scrubber.plain(unquote(parts.netloc.rpartition('@')[0]))}@" if "@" in parts.netloc else ""
    found = f"{scheme}://{user}{host(scrubber, netloc)}{'' if port is None else f':{port}'}{path(scrubber, parts.path)}"
    if parts.query:
        found += "?" + form(scrubber, parts.query)
    return found + ("#" + scrubber.text(parts.fragment) if parts.fragment else "")


def host(scrubber: Scrubbing, name: str) -> str:
    """Return a scrubbed host name. The words in a push server's name stay, and the address in it is replaced."""
    name = name.rstrip(".")
    if name in LOOPBACK or name == "redirect":
        return name
    if not is_psn(name):
        if ":" in name:
            return f"[{scrubber.address(name)}]"
        return scrubber.plain(name)
    return ".".join(_label(scrubber, label) for label in name.split("."))


def _label(scrubber: Scrubbing, label: str) -> str:
    match = _DASHED.fullmatch(label)
    if match:
        return f"{scrubber.plain(match[1])}-{_label(scrubber, match[2])}"
    return label if is_known(label) else scrubber.plain(label)


def path(scrubber: Scrubbing, text: str) -> str:
    template, values = split_path(scrubber, text)
    return fill(template, [scrub_segment(scrubber, value) for value in values])


def split_path(scrubber: Scrubbing, text: str) -> tuple[str, list[str]]:
    """Return a path's template with ``{1}``, ``{2}``… for values to replace, and those values in order."""
    values: list[str] = []
    parts: list[str] = []
    before = ""
    for segment in text.split("/"):
        plain = unquote(segment)
        if not plain or (segment == plain and segment_may_stay(segment, before) and not scrubber.is_called(plain)):
            parts.append(segment)
        else:
            values.append(plain)
            parts.append("{" + str(len(values)) + "}")
        before = plain
    return "/".join(parts), values


def scrub_segment(scrubber: Scrubbing, value: str) -> str:
    return scrubber.text(value)


def form(scrubber: Scrubbing, text: str) -> str:
    return urlencode(pairs(scrubber, parse_qsl(text, keep_blank_values=True)), safe=",:/")


def pairs(scrubber: Scrubbing, found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return scrubbed parameters in order."""
    return [(scrubber.name(name), scrubber.text(value, name)) for name, value in found]
