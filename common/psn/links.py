"""What people paste to say which party they mean: a session id, a share link, or the bare id of a link."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from common.errors import PartylineError

HOST = "party.playstation.com"
"""Sony's host of share links [seen]; accepted beside the configured one."""
MAX_CHARS = 4096

_UUID = re.compile(r"(?<![0-9A-Za-z-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9A-Za-z-])", re.IGNORECASE)
_ID = r"([A-Za-z0-9_-]{6,64})(?![A-Za-z0-9_-])"
"""22 characters in the samples, and it may begin with ``-`` [seen]; the length is Sony's, so it is not fixed."""
_BARE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_LOCALE = r"(?:[a-z]{2}-[a-z]{2}/+)?"
_ADDRESS = re.compile(r"\w+://|[\w-]+(?:\.[\w-]+)+/|/")
_AROUND = "<>()[]\"'`,;:" + "\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"
"""What mail, chat and word processors put around a link."""
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
    """The opaque id of a share link; partyInfo turns it into a session id."""

    value: str


class BadTarget(PartylineError):  # noqa: N818  # said to a person, who knows it as that
    """A paste that names no party; `message` says what it was instead."""

    code = "psn.bad-target"

    def __init__(self, message: str) -> None:
        super().__init__(message, _REMEDY)


def parse_target(text: str, link_url: str = f"https://{HOST}") -> SessionId | CpssId:
    """Return which party `text` names; raises `BadTarget`.

    `link_url` is the configured base of share links (`party_link_url`), perhaps on loopback and with a path.
    """
    if len(text) > MAX_CHARS:
        raise BadTarget(f"That is {len(text)} characters long: no link or id of a party.")
    links = {match for base in (link_url, f"https://{HOST}") for match in _links(text, base)}
    if len(links) > 1:
        raise BadTarget("That has links to more than one party in it.")
    if links:
        return CpssId(links.pop())
    bare = text.strip().strip(_AROUND).strip()
    sessions = {match.lower() for match in _UUID.findall(text)}
    if len(sessions) == 1 and ("://" not in text or _UUID.fullmatch(bare)):
        return SessionId(sessions.pop())
    if not bare:
        raise BadTarget("Nothing was given that names a party.")
    if _BARE.fullmatch(bare) and not sessions:
        return CpssId(bare)
    if len(sessions) > 1:
        raise BadTarget("That has more than one session id in it.")
    if _ADDRESS.search(bare):
        raise BadTarget(f"{bare[:80]!r} is an address, but not a party's share link.")
    raise BadTarget(f"{bare[:80]!r} is neither a share link nor an id of a party.")


def share_link(cpss_id: str, link_url: str = f"https://{HOST}") -> str:
    """Return the link that people paste."""
    return f"{link_url.rstrip('/')}/{cpss_id}"


def _links(text: str, base: str) -> list[str]:
    parts = urlsplit(base if "://" in base else f"https://{base}")
    place = re.escape(parts.netloc) + re.escape(parts.path.rstrip("/"))
    pattern = re.compile(rf"(?<![\w.@-])(?:www\.)?{place}/+{_LOCALE}{_ID}", re.IGNORECASE)
    return pattern.findall(text)
