"""What another machine may do here. No I/O."""

from __future__ import annotations

from typing import Any, Literal

from common.api.rights import NEEDED, TOPICS, allows
from common.bus.retained import WATCHED
from common.requests import Request, SignIn, SignOut, WhoAmI

PeerRight = Literal["listen", "control"]
"""``listen``: state, events and voices. ``control``: that, and every request that the API allows an admin."""
PEER_RIGHTS: tuple[PeerRight, ...] = ("listen", "control")

READABLE = frozenset(cls.TOPIC for cls in (*TOPICS, *WATCHED))
"""Topics, without keys, that may be read. Offers and answers are not: they hold keys of connections."""
OF_THE_ACCOUNT: frozenset[type[Request[Any]]] = frozenset({SignIn, SignOut, WhoAmI})
"""What a machine of the right ``control`` may ask besides, if it may sign in. The token itself never leaves."""
_BY_NAME: dict[str, type[Request[Any]]] = {cls.__name__: cls for cls in (*NEEDED, *OF_THE_ACCOUNT)}


def may_ask(right: PeerRight, worker: str, request: str, *, may_sign_in: bool = False) -> bool:
    """Return whether a machine with that right may make a request of this name to this worker."""
    cls = _BY_NAME.get(request)
    if cls is None or worker != cls.WORKER or right != "control":
        return False
    return may_sign_in if cls in OF_THE_ACCOUNT else allows("admin", NEEDED[cls])


def readable(prefix: str) -> list[str]:
    """Return what a subscription to a prefix becomes: its part of the topics that may be read."""
    topic, slash, _ = prefix.partition("/")
    if slash:
        return [prefix] if topic in READABLE else []
    return sorted(f"{one}/" for one in READABLE if one.startswith(topic))


def may_read(topic: str) -> bool:
    """Return whether a message of this topic (with its key) may be read."""
    return topic.partition("/")[0] in READABLE
