"""Publishing of `PushState`, with times for the user and session."""

from __future__ import annotations

import secrets
import time

import msgspec

from common.basic.clock import boot_s
from common.messages import PushState
from workers.signaling import state
from workers.signaling.loss import Loss
from workers.signaling.push_channel import ChannelEvents


class StatePublisher:
    """The publisher. Times come in as seconds of `common.basic.clock.boot_s`, and go out as Unix seconds."""

    def __init__(self, events: ChannelEvents) -> None:
        self._events = events
        self._now = PushState(connected=False)

    def publish_connected(self, host: str, protocol: str, kind: int, *, answered: bool | None) -> None:
        self._publish(
            PushState(
                connected=True,
                protocol=protocol,
                host=host,
                epoch=secrets.token_hex(6),
                since=time.time(),
                keep_alive_type=kind,
                answered=answered,
            )
        )

    def publish_kind(self, kind: int) -> None:
        """Publish another keep-alive type of the open channel."""
        if self._now.keep_alive_type != kind:
            self._publish(msgspec.structs.replace(self._now, keep_alive_type=kind))

    def publish_away(self, detail: str, loss: Loss | None, next_at: float = 0.0) -> None:
        """Publish that the channel is not open, why, since when, and when the next try is."""
        now = boot_s()
        self._publish(state.push_away(detail, loss, next_at, now=now, boot_unix=time.time() - now))

    def publish_delay(self, loss: Loss | None, until: float) -> None:
        """Publish that the next try is later than reported."""
        self.publish_away(self._now.detail, loss, until)

    def publish_if_gone(self, loss: Loss | None) -> None:
        """Publish once after a loss that the server may have dropped us."""
        if not self._now.connected and not self._now.counts_as_gone and state.counts_as_gone(loss, boot_s()):
            self._publish(msgspec.structs.replace(self._now, counts_as_gone=True))

    def report_failure(self, words: str) -> None:
        """Report that the channel could not be opened, as a problem."""
        self._events.on_connect_failure(f"The push channel cannot be opened: {words}")

    def _publish(self, state: PushState) -> None:
        self._now = state
        self._events.on_push_state(state)
