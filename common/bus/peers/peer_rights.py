"""What another machine may do here. No I/O."""

from __future__ import annotations

from typing import Any, Literal

from common.api.rights import NEEDED, TOPICS, allows
from common.bus.retained import WATCHED
from common.bus.split.said import SAID_BY
from common.requests import FindPictures, Request, SignIn, SignOut, WhoAmI

PeerRight = Literal["listen", "control", "worker"]
"""``listen``: state, events and voices. ``control``: that, and every request that the API allows an admin. ``worker``:
that, what workers of a desk ask those of the spare machine, and being that desk (`common.bus.split`)."""
PEER_RIGHTS: tuple[PeerRight, ...] = ("listen", "control", "worker")

READABLE = frozenset(cls.TOPIC for cls in (*TOPICS, *WATCHED))
"""Topics, without keys, that may be read. Offers and answers are not: they hold keys of connections."""
READABLE_BY_WORKERS = READABLE | {cls.TOPIC for cls in SAID_BY}
"""What the right ``worker`` may read: all that crosses a split."""
ASKED_BY_WORKERS: frozenset[type[Request[Any]]] = frozenset({FindPictures})
"""What a desk's workers ask the spare machine's, besides what the API offers. Neither sign-in nor tokens."""
OF_THE_ACCOUNT: frozenset[type[Request[Any]]] = frozenset({SignIn, SignOut, WhoAmI})
"""What a machine that may sign in may ask besides. The token itself never leaves."""
_BY_NAME: dict[str, type[Request[Any]]] = {cls.__name__: cls for cls in (*NEEDED, *ASKED_BY_WORKERS, *OF_THE_ACCOUNT)}


def may_ask(right: PeerRight, worker: str, request: str, *, may_sign_in: bool = False) -> bool:
    """Return whether a machine with that right may make a request of this name to this worker."""
    cls = _BY_NAME.get(request)
    if cls is None or worker != cls.WORKER or right == "listen":
        return False
    if cls in OF_THE_ACCOUNT:
        return may_sign_in
    return right == "worker" if cls in ASKED_BY_WORKERS else allows("admin", NEEDED[cls])


def readable(prefix: str, right: PeerRight = "listen") -> list[str]:
    """Return what a subscription to a prefix becomes: its part of the topics that may be read."""
    topics = READABLE_BY_WORKERS if right == "worker" else READABLE
    topic, slash, _ = prefix.partition("/")
    if slash:
        return [prefix] if topic in topics else []
    return sorted(f"{one}/" for one in topics if one.startswith(topic))


def may_read(topic: str, right: PeerRight = "listen") -> bool:
    """Return whether a message of this topic (with its key) may be read."""
    return topic.partition("/")[0] in (READABLE_BY_WORKERS if right == "worker" else READABLE)
