"""The push channel: one WebSocket at a time, opened again when it ends."""

from __future__ import annotations

from typing import Protocol

from common.messages import PushState
from common.psn.errors import PushFrameError
from common.psn.party.push import PushFrame


class ChannelEvents(Protocol):
    """What the push channel reports to the worker."""

    def on_push_state(self, state: PushState) -> None: ...

    def on_frame(self, frame: PushFrame) -> None:
        """Handle a frame with an event."""
        ...

    def on_bad_frame(self, error: PushFrameError) -> None: ...

    def on_connect_failure(self, message: str) -> None:
        """Handle that the channel could not be opened. `message` is a sentence."""
        ...

    def on_usable(self, *, usable: bool) -> None:
        """Handle whether answers would reach us: the channel is open, and not being verified after a pause."""
        ...
