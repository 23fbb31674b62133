"""Which browsers are known by their certificates. No I/O, no clock."""

from __future__ import annotations

from msgspec import structs

from workers.webrtc.memory import KnownListener

MOST = 32
"""Browsers that are known. The one that was away longest gives way."""
AWAY_S = 90 * 86400.0
"""Who was away for so long needs a new link. Chosen longer than a streamer's holidays."""
_NOTED_S = 3600.0
"""How exactly it is kept when somebody came, so that a browser that reconnects often does not wear the disk."""

Known = tuple[KnownListener, ...]


def knows(known: Known, fingerprint: str, now: float) -> bool:
    """Return whether a browser with this certificate may listen. `now`: Unix seconds."""
    return any(one.fingerprint == fingerprint and now - one.came_at < AWAY_S for one in known)


def with_visit(known: Known, fingerprint: str, now: float) -> Known:
    """Return who is known after this browser came, known before or not."""
    others = tuple(one for one in known if one.fingerprint != fingerprint and now - one.came_at < AWAY_S)
    before = next((one for one in known if one.fingerprint == fingerprint), None)
    if before is None:
        before = KnownListener(fingerprint=fingerprint, met_at=now, came_at=now)
    elif now - before.came_at > _NOTED_S or len(others) + 1 < len(known):
        before = structs.replace(before, came_at=now)
    else:
        return known
    kept = sorted(others, key=lambda one: one.came_at)[-(MOST - 1) :]
    return (*kept, before)
