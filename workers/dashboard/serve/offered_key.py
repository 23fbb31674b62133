"""The key that a request brings, to the pages' sockets as to the API. No I/O."""

from __future__ import annotations

from collections.abc import Mapping


def key_of(headers: Mapping[str, str]) -> str:
    """Return the key that a request brings: as a bearer, or beside the WebSocket's protocol. "" if there is none."""
    scheme, _, given = headers.get("Authorization", "").partition(" ")
    if scheme.casefold() == "bearer":
        return given.strip()
    offered = headers.get("Sec-WebSocket-Protocol", "").split(",")
    return next((word.strip()[4:] for word in offered if word.strip().startswith("key.")), "")
