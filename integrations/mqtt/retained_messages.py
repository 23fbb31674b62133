"""What the broker holds of ours, and what has to be sent so that it holds what it should. No I/O."""

from __future__ import annotations

from collections.abc import Mapping

GONE = b""
"""An empty payload makes the broker forget a retained message."""


class RetainedMessages:
    """The retained messages of one connection."""

    def __init__(self) -> None:
        self._held: dict[str, bytes | None] = {}
        """Topic → payload, None where it has to be sent in any case."""

    def found(self, topic: str, payload: bytes) -> None:
        """Note what the broker held before, if nothing was sent there since."""
        if payload:
            self._held.setdefault(topic, payload)

    def changed_by_others(self, topic: str, payload: bytes) -> None:
        """Note that somebody else wrote to one of our topics."""
        self._held[topic] = payload

    def send_again(self) -> None:
        """Have everything sent again, for somebody who missed it."""
        self._held = dict.fromkeys(self._held)

    def sent(self, topic: str, payload: bytes) -> None:
        if payload == GONE:
            self._held.pop(topic, None)
        else:
            self._held[topic] = payload

    def change(self, topic: str, payload: bytes) -> list[tuple[str, bytes]]:
        """Return what has to be sent for one topic, whatever there is besides."""
        return [(topic, payload)] if self._held.get(topic) != payload else []

    def changes(self, wanted: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
        """Return what has to be sent, in the order of `wanted`, removals last."""
        news = [one for topic, payload in wanted.items() for one in self.change(topic, payload)]
        return news + [(topic, GONE) for topic in self._held if topic not in wanted]
