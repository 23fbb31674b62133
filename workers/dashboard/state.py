"""The bus's retained state for the pages and the API. No I/O."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import msgspec

from common.api.rights import TOPICS
from common.bus.heard import HeardState
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


class PageState(HeardState):
    """The retained state, and the latest levels."""
