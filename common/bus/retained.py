"""The retained state of the bus: the last message of each topic, and views over several of them. No I/O, no clock.

cli and dashboard use this and add only their wording. The page mirrors it in `static/js/dashboard/state.js`,
with the limits that the server sends (`PageConstants` in `workers/dashboard/live/state_sockets.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeVar, cast

from common.messages import (
    STALE_S,
    AuthState,
    ClipState,
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
    RecordingList,
    Speaking,
    WorkerHealth,
)
from common.messages.wire import Received

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
    ClipState,
    RecordingList,
    WorkerHealth,
    Problem,
)
"""The messages that every view of the pipeline subscribes to."""
Standing = Literal["absent", "silent", "stopped"] | Health
"""State of a worker: no heartbeat yet, hung or dead, stopped in order, or the state in its heartbeat."""


def is_fresh(health: WorkerHealth | None, clock: float) -> bool:
    """Return whether the heartbeat is recent at `clock` (`common.basic.clock.boot_s`)."""
    return health is not None and clock - health.beat_s <= STALE_S


def standing(health: WorkerHealth | None, clock: float) -> Standing:
    """Return the state of the worker with this last heartbeat at `clock` (`common.basic.clock.boot_s`)."""
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
            self.record(item)

    # --- messages ----------------------------------------------------------------------------------

    def record(self, received: Received) -> None:
        """Store a message, or drop the one that it clears."""
        kept = self._kept.setdefault(received.cls, {})
        if received.message is None:
            kept.pop(received.key, None)
        else:
            kept[received.key] = received.message

    def replace(self, present: Iterable[Received]) -> list[str]:
        """Drop retained messages that the broker no longer holds. Return their topics."""
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
        """Return the message of a class without keys."""
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
        """Return the members in the party's table, including us."""
        party = self.one(PartyState)
        return list(party.members) if party else []

    def others(self) -> dict[str, Member]:
        """Return everybody else by peer key: members in the table's order, then peers that are only connected.

        Only account, platform and online id are known of the latter, which include the bridge.
        """
        found = {member.peer: member for member in self.members() if not member.is_me}
        for key, peer in self.all(PeerState).items():
            found.setdefault(key, peer.member())
        return found

    def is_speaking(self, peer: str) -> bool:
        state = self.of(Speaking, peer)
        return state is not None and state.speaking

    def talker(self, peer: str) -> MixerTalker | None:
        """Return the mixer state of `peer`, or None if audio has not named it."""
        mixer = self.one(MixerState)
        return next((talker for talker in mixer.talkers if talker.peer == peer), None) if mixer else None

    def is_heard(self, peer: str) -> bool:
        """Return whether `peer` is audible in the mix, neither muted nor solo-muted."""
        mixer, talker = self.one(MixerState), self.talker(peer)
        if talker is None:
            return mixer is None or not mixer.solo
        return not (talker.muted or talker.hushed)
