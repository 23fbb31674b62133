"""The protocol of an observer of one subject."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from cli.probe.observe.observations import Observation
from common.messages import Message


class Observer(Protocol):
    """Derives the observations of one subject. No I/O, no clock. Times are Unix seconds."""

    def on_message(self, message: Message, now: float) -> Iterable[Observation]:
        """Process a message that was published at `now`."""
        ...

    def on_joined(self, peer: str, now: float) -> None:
        """Process that a member joined, or that we came to it."""
        ...

    def on_left(self, peer: str) -> None:
        """Reset the state of a member that left."""
        ...
