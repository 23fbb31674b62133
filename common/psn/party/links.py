"""A parser for what people paste to name a party: a session id, a share link, or the bare id of a link."""

from __future__ import annotations

import base64
import contextlib
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from common.basic.text import decoded, untangled
from common.errors import PartylineError

HOST = "party.playstation.com"
"""Sony's host of share links [seen], accepted in addition to the configured one."""
MAX_CHARS = 4096

_UUID = re.compile(r"(?<![0-9A-Za-z-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9A-Za-z-])", re.IGNORECASE)
_LEAST = 16
_ID = r"([A-Za-z0-9_-]{1,64})(?![A-Za-z0-9_-])"
"""22 characters in the samples, perhaps with a leading ``-`` [seen]. Sony may change the length, so `_LEAST` counts."""
_BARE = re.compile(r"[A-Za-z0-9_-]{20,64}")
"""Longer than every online id."""
_ONLINE_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{2,15}")
_LOCALE = r"(?:[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,2}/+)?"
"""``en-us``, ``es-419``, ``zh-hans-cn``."""
_ADDRESS = re.compile(r"\w+://|[\w-]+(?:\.[\w-]+)+/|/")
_AROUND = "<>()[]\"'`,;:*|"
"""What mail, chat and word processors put around a link."""
_PROOFPOINT_2 = re.compile(r"urldefense\.proofpoint\.com/v2/url\?u=([^&\s]+)", re.IGNORECASE)
_PROOFPOINT_3 = re.compile(r"urldefense\.(?:us|com)/v3/__(.+?)__;", re.IGNORECASE)
_BASE64 = re.compile(r"aHR0c[A-Za-z0-9_-]{8,}")
"""``http`` in base64. Some redirectors encode their target like this."""
_PROOFPOINT = str.maketrans("-_", "%/")
_REMEDY = (
    "Paste the party's share link (https://party.playstation.com/…), the id at its end, "
    "or a session id as `partyline parties` shows it."
)


@dataclass(frozen=True)
class SessionId:
    """The id of a party session, a UUID in lower case."""

    value: str


@dataclass(frozen=True)
class CpssId:
    """The opaque id of a share link, which partyInfo resolves to a session id."""

    value: str


class BadTarget(PartylineError):  # noqa: N818  # a user-facing name
    """A paste that names no party. `message` says what it was instead."""

    code = "psn.bad-target"

    def __init__(self, message: str) -> None:
        super().__init__(message, _REMEDY)


def parse_target(text: str, link_url: str = f"https://{HOST}") -> SessionId | CpssId:
    """Return the party that `text` names. Raises `BadTarget`.

    `link_url` is the configured base of share links (`party_link_url`), perhaps on loopback and with a path.
    """
    if len(text) > MAX_CHARS:
        raise BadTarget(f"That is {len(text)} characters long: no link or id of a party.")
    text = _unwrapped(decoded(untangled(text))[-1])
    bases = (link_url, f"https://{HOST}")
    links = {match for base in bases for match in _links(text, base)}
    if all(len(match) < _LEAST for match in links):  # a line break may have cut it
        links |= {match for base in bases for match in _links("".join(text.split()), base)}
    if len(whole := {match for match in links if len(match) >= _LEAST}) > 1:
        raise BadTarget("That has links to more than one party in it.")
    if whole:
        return CpssId(whole.pop())
    bare = text.strip().strip(_AROUND).strip()
    sessions = {match.lower() for match in _UUID.findall(text)}
    if len(sessions) == 1 and ("://" not in text or _UUID.fullmatch(bare)):
        return SessionId(sessions.pop())
    if not bare:
        raise BadTarget("No party was named.")
    if links:
        raise BadTarget(f"The end of that link is missing: only {max(links, key=len)!r} is left of its id.")
    if _is_bare(bare) and not sessions:
        return CpssId(bare)
    raise BadTarget(_what_else(bare, sessions))


def _what_else(bare: str, sessions: set[str]) -> str:
    """Return a sentence that says what the paste is instead."""
    if len(sessions) > 1:
        return "That has more than one session id in it."
    if _ADDRESS.search(bare):
        return f"{bare[:80]!r} is an address, but not a party's share link."
    if _ONLINE_ID.fullmatch(bare):
        return f"{bare!r} is neither a share link nor an id of a party, but may be a player's online id."
    return f"{bare[:80]!r} is neither a share link nor an id of a party."


def _is_bare(text: str) -> bool:
    """Return whether `text` looks random, as a link's bare id, and is not a long word."""
    kinds = (str.isupper, str.islower, str.isdigit)
    return bool(_BARE.fullmatch(text)) and sum(any(map(kind, text)) for kind in kinds) >= 2


def _unwrapped(text: str) -> str:
    """Return `text` followed by the targets of the redirectors in it."""
    inner = [unquote(match.translate(_PROOFPOINT)) for match in _PROOFPOINT_2.findall(text)]
    inner += _PROOFPOINT_3.findall(text)
    for match in _BASE64.findall(text):
        with contextlib.suppress(ValueError):
            inner.append(base64.urlsafe_b64decode(match + "=" * (-len(match) % 4)).decode())
    if not inner:
        return text
    return " ".join([_PROOFPOINT_3.sub(" ", text), *inner])


def _links(text: str, base: str) -> list[str]:
    parts = urlsplit(base if "://" in base else f"https://{base}")
    port = "" if parts.port else r"(?::\d+)?"
    place = re.escape(parts.netloc) + rf"\.?{port}" + re.escape(parts.path.rstrip("/"))
    pattern = re.compile(rf"(?<![\w.@-])(?:www\.)?{place}/+{_LOCALE}{_ID}", re.IGNORECASE)
    return pattern.findall(text)
