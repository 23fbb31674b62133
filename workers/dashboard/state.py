"""The bus's retained state for the pages and the API. No I/O."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import msgspec

from common.api.rights import TOPICS
from common.bus.retained import Retained
from common.messages import Message
from common.messages.wire import Received

WATCHED = TOPICS
"""What the pages and the API's clients are told of."""


@dataclass(frozen=True)
class StateChange:
    """A message that came, or None for one that is gone. It is encoded once, however many are told of it."""

    topic: str
    """With its key."""
    cls: type[Message]
    message: Message | None

    @classmethod
    def of(cls, received: Received) -> StateChange:
        return cls(received.topic, received.cls, received.message)

    @functools.cached_property
    def json(self) -> msgspec.Raw:
        return msgspec.Raw(msgspec.json.encode(self.message))


class PageState(Retained):
    """The retained state, and the latest levels."""

    def heard_gain(self, peer: str) -> float:
        """Return the factor of `peer` in the mix: 0 if muted, or if others are solo."""
        if not self.is_heard(peer):
            return 0.0
        mine = self.talker(peer)
        return float(10 ** ((mine.gain_db + mine.level_db) / 20)) if mine else 1.0

    def peers_called(self, text: str) -> list[str]:
        """Return the peer keys that match `text` (online id, account id or peer key), in the order of the party."""
        wanted = text.casefold()
        return [
            key
            for key, member in self.others().items()
            if wanted in (member.online_id.casefold(), key.casefold(), member.account_id)
        ]
