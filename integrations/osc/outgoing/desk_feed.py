"""What the API says, kept as the state that OSC shows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from integrations.client.talkers import Places
from integrations.osc.desk import LEVELS, Desk, desk


class DeskFeed:
    """The `ApiListener` of the bridge. `changed` is set whenever there may be something to send."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self.levels: Mapping[str, Any] = {}
        """The last message ``audio.levels``, empty for silence."""
        self._topics: dict[str, Any] = {}
        self._places = Places()
        self._desk: Desk | None = Desk()

    @property
    def desk(self) -> Desk:
        if self._desk is None:
            self._desk = desk(self._topics, self._places)
        return self._desk

    # --- ApiListener ---------------------------------------------------------------------------------

    def on_state(self, topics: dict[str, Any]) -> None:
        self._topics = topics
        self._desk = None
        self.changed.set()

    def on_event(self, topic: str, message: Any) -> None:
        if topic.partition("/")[0] == LEVELS:
            self.levels = message or {}
        else:
            self._desk = None  # `topics` is the client's own, and has it already
        self.changed.set()

    def on_lost(self) -> None:
        self._desk = self.desk.lost()
        self.levels = {}
        self.changed.set()
