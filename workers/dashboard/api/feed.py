"""The changes that the API's clients are sent: numbered, kept for a while, filtered by subscription. No sockets.

A change is encoded once, however many clients there are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from common.api.frames import LEVELS_HZ, Since, Subscribe
from common.api.rights import TOPICS
from common.errors import PartylineError
from common.messages import Levels, Message, PeerKey

KEPT = 2000
"""Changes kept for who comes back. With 16 talkers that is two minutes: peer and worker state change each second."""
KEPT_BYTES = 3 << 20
"""The most memory for them. 2000 changes of a party of 16 take 1.5 MB, 730 bytes each (`benchmarks.api.clients`)."""
BY_TOPIC = {cls.TOPIC: cls for cls in TOPICS}
OF_A_MEMBER = frozenset({"peer.state", "peer.speaking"})
"""Topics whose key is a peer key."""


@dataclass(frozen=True)
class EventSubscription:
    """What one client wants."""

    topics: frozenset[str]
    members: frozenset[str]
    """Account ids and peer keys. Empty for everybody."""
    levels_hz: int = LEVELS_HZ

    @classmethod
    def of(cls, wanted: Subscribe) -> EventSubscription:
        """Return what a client asks for. Raises `PartylineError` for a topic that there is not."""
        for topic in wanted.topics:
            if topic not in BY_TOPIC:
                raise PartylineError(
                    f"There is no topic {topic[:40]!r}.", f"Topics: {', '.join(BY_TOPIC)}.", code="api.bad-request"
                )
        topics = frozenset(wanted.topics) or frozenset(BY_TOPIC) - {Levels.TOPIC}
        return cls(topics, frozenset(wanted.members), wanted.levels_hz)

    def wants(self, topic: str) -> bool:
        """Return whether a topic with its key is part of it."""
        name, _, key = topic.partition("/")
        if name not in self.topics:
            return False
        return not self.members or name not in OF_A_MEMBER or self._is_member(key)

    @property
    def wants_levels(self) -> bool:
        return Levels.TOPIC in self.topics

    def levels(self, levels: Levels) -> Levels:
        """Return its part of the levels."""
        if not self.members:
            return levels
        return Levels(
            talkers={peer: db for peer, db in levels.talkers.items() if self._is_member(peer)}, mix=levels.mix
        )

    def _is_member(self, peer: str) -> bool:
        return peer in self.members or PeerKey.of(peer).account_id in self.members


@dataclass(frozen=True)
class FeedChange:
    """One numbered change, and its frame."""

    number: int
    topic: str
    frame: bytes


class Feed:
    """All changes since the start of this run, as far as they are kept."""

    def __init__(self, run: str) -> None:
        self.run = run
        self.number = 0
        self._kept: deque[FeedChange] = deque()
        self._bytes = 0

    def record(self, topic: str, message: Message | msgspec.Raw | None) -> FeedChange:
        """Record a change under the next number. `message` may be JSON already. None means that the topic is gone."""
        self.number += 1
        change = FeedChange(self.number, topic, event_frame(topic, message, self.number))
        self._kept.append(change)
        self._bytes += len(change.frame)
        while len(self._kept) > KEPT or self._bytes > KEPT_BYTES:
            self._bytes -= len(self._kept.popleft().frame)
        return change

    def since(self, since: Since | None) -> list[FeedChange] | None:
        """Return the changes after `since`, or None if some of them are not kept any more, or are of another run."""
        if since is None or since.run != self.run or since.number > self.number:
            return None
        oldest = self._kept[0].number if self._kept else self.number + 1
        if since.number + 1 < oldest:
            return None
        return [change for change in self._kept if change.number > since.number]


def event_frame(topic: str, message: Message | msgspec.Raw | None, number: int | None) -> bytes:
    return b'{"op":"event","number":%s,"topic":%s,"message":%s}' % (
        msgspec.json.encode(number),
        msgspec.json.encode(topic),
        msgspec.json.encode(message),
    )


def chosen(topics: Mapping[str, Message], subscription: EventSubscription) -> dict[str, Message]:
    """Return the part of the retained state that a subscription wants."""
    return {topic: message for topic, message in topics.items() if subscription.wants(topic)}


def named(words: Iterable[str]) -> EventSubscription:
    """Return the subscription to topics that are named in one or more texts, with commas between them."""
    topics = tuple(word.strip() for text in words if text for word in text.split(","))
    return EventSubscription.of(Subscribe(id=0, topics=topics))
