"""The bus's state as one view: the last message of each topic, and what is read from several of them. No I/O, no clock.

cli and dashboard draw from this; each only adds its own wording. The page mirrors it in `static/js/dashboard/state.js`,
with the limits that the server sends (`workers/dashboard/live/sockets.py`, `about`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeVar, cast

from common.messages import (
    STALE_S,
    AuthState,
    Devices,
    Following,
    Health,
    Invitations,
    Member,
    Message,
    MixerState,
    MixerTalker,
    PartyState,
    PeerState,
    Problem,
    PushState,
    Recording,
    Speaking,
    WorkerHealth,
)
from common.wire import Received

M = TypeVar("M", bound=Message)

WATCHED: tuple[type[Message], ...] = (
    AuthState,
    PushState,
    PartyState,
    Following,
    Invitations,
    PeerState,
    Speaking,
    MixerState,
    Devices,
    Recording,
    WorkerHealth,
    Problem,
)
"""What every view of the pipeline subscribes to."""
Standing = Literal["absent", "silent", "stopped"] | Health
"""How a worker stands: not heard of, hung or dead, ended in good order; else as its heartbeat says."""


def is_fresh(health: WorkerHealth | None, clock: float) -> bool:
    """Return whether the heartbeat is recent at `clock` (`common.basic.clock.boot_s`)."""
    return health is not None and clock - health.beat_s <= STALE_S


def standing(health: WorkerHealth | None, clock: float) -> Standing:
    """Return how the worker with this last heartbeat stands at `clock` (`common.basic.clock.boot_s`)."""
    if health is None:
        return "absent"
    if is_fresh(health, clock):
        return health.state
    return "stopped" if health.state == "stopping" else "silent"


class Retained:
    """The last message of each class and key."""

    def __init__(self, received: Iterable[Received] = ()) -> None:
        self._kept: dict[type[Message], dict[str, Message]] = {}
        for item in received:
            self.note(item)

    # --- messages ----------------------------------------------------------------------------------

    def note(self, received: Received) -> None:
        """Keep a message, or drop what it clears."""
        kept = self._kept.setdefault(received.cls, {})
        if received.message is None:
            kept.pop(received.key, None)
        else:
            kept[received.key] = received.message

    def replace(self, present: Iterable[Received]) -> list[str]:
        """Drop retained messages that the broker does not hold any more; return their topics."""
        held = {received.topic for received in present}
        gone = [message for topic, message in self.topics().items() if message.RETAINED and topic not in held]
        for message in gone:
            del self._kept[type(message)][message.key()]
        return [message.topic() for message in gone]

    def topics(self) -> dict[str, Message]:
        """Return every message by its topic."""
        return {message.topic(): message for kept in self._kept.values() for message in kept.values()}

    def all(self, cls: type[M]) -> dict[str, M]:
        """Return the messages of `cls` by key."""
        return cast("dict[str, M]", dict(self._kept.get(cls, {})))

    def of(self, cls: type[M], key: str) -> M | None:
        """Return the message of `cls` with this key."""
        return cast("M | None", self._kept.get(cls, {}).get(key))

    def one(self, cls: type[M]) -> M | None:
        """Return the message of a class that has only one."""
        return self.of(cls, "")

    # --- read from them ----------------------------------------------------------------------------

    @property
    def realm(self) -> str:
        auth = self.one(AuthState)
        return auth.realm if auth else ""

    @property
    def joined(self) -> bool:
        party = self.one(PartyState)
        return party is not None and party.phase == "joined"

    def members(self) -> list[Member]:
        """Return the party's members as its table has them, with us."""
        party = self.one(PartyState)
        return list(party.members) if party else []

    def others(self) -> dict[str, Member]:
        """Return everybody else by peer key: members in the table's order, then who is only connected (still).

        Of the latter, the bridge among them, account, platform and online id alone are known.
        """
        found = {member.peer: member for member in self.members() if not member.is_me}
        for key, peer in self.all(PeerState).items():
            found.setdefault(key, peer.member())
        return found

    def is_speaking(self, peer: str) -> bool:
        state = self.of(Speaking, peer)
        return state is not None and state.speaking

    def talker(self, peer: str) -> MixerTalker | None:
        """Return how `peer` stands in the mix; None where audio has not named it."""
        mixer = self.one(MixerState)
        return next((talker for talker in mixer.talkers if talker.peer == peer), None) if mixer else None

    def is_heard(self, peer: str) -> bool:
        """Return whether the mix lets `peer` be heard: not muted, and not silenced by a solo."""
        mixer, talker = self.one(MixerState), self.talker(peer)
        if talker is None:
            return mixer is None or not mixer.solo
        return not (talker.muted or talker.hushed)
