"""Publishing of the push channel's state, events and problems."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from common.messages import AuthState, PushEvent, PushState
from common.psn.errors import PushFrameError
from common.psn.party.bridges import without_tokens
from common.psn.party.push import PushFrame
from common.run.worker import Worker
from workers.signaling.transports import Transport

PROBLEM = "signaling.push"
RETRIED = "It is tried again by itself. Check the internet connection."


class PushPublisher:
    """Publishes, and passes events to the transports. Implements `ChannelEvents`.

    `on_change` is called when `events` has changed.
    """

    def __init__(self, worker: Worker, transports: Sequence[Transport], on_change: Callable[[], None]) -> None:
        self._worker = worker
        self._transports = transports
        self._on_change = on_change
        self._state = PushState(connected=False)
        self._waits = False
        self.events = 0
        """Events since the channel was opened."""

    def on_push_state(self, state: PushState) -> None:
        worker = self._worker
        if state == self._state or worker.stopping.is_set():
            return
        if state.connected and state.epoch != self._state.epoch:
            self.events = 0
            worker.clear_problem(PROBLEM)
            worker.log.info("push channel open", host=state.host, protocol=state.protocol, epoch=state.epoch)
        self._state = state
        worker.bus.publish(state)
        if state.answered is not None:
            answered = "answered" if state.answered else "unanswered"
            worker.publish_fact("push.authorise", answered, "the first frame (1003)")
        self._set_health()

    def on_auth_state(self, auth: AuthState) -> None:
        """Take whether somebody is signed in. Without anybody a missing channel is no fault of this worker."""
        waits = auth.state not in ("signed_in", "refreshing")
        if waits != self._waits:
            self._waits = waits
            self._set_health()

    def _set_health(self) -> None:
        is_well = self._state.connected or self._waits
        self._worker.set_health(
            "running" if is_well else "degraded", self._state.detail or f"push over {self._state.protocol}"
        )

    def on_frame(self, frame: PushFrame) -> None:
        self.events += 1
        event = PushEvent(
            epoch=self._state.epoch,
            number=self.events,
            data_type=frame.data_type,
            session_id=frame.session_id,
            from_account_id=frame.from_account_id,
            from_platform=frame.from_platform,
            contexts=frame.contexts,
            data=frame.data,
        )
        # a bridge's token admits any reader, so only the transport gets it
        self._worker.bus.publish(msgspec.structs.replace(event, data=without_tokens(event.data)))
        for transport in self._transports:
            transport.on_event(event)
        self._on_change()

    def on_bad_frame(self, error: PushFrameError) -> None:
        self._worker.publish_problem(
            f"signaling.push-{error.kind}", error.message, error.remedy, severity="warning", new_occurrence=True
        )

    def on_connect_failure(self, message: str) -> None:
        self._worker.publish_problem(PROBLEM, message, RETRIED, severity="warning", new_occurrence=True)

    def on_usable(self, *, usable: bool) -> None:
        for transport in self._transports:
            transport.on_push_usable(usable=usable)
