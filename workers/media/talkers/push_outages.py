"""Whether an answer to a local offer could have arrived. Answers come by the push channel. No I/O, no clock."""

from __future__ import annotations

from common.messages import PushState


class PushOutages:
    """The push channel's outages. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._is_down = False
        self._restored_at = float("-inf")

    def on_push_state(self, state: PushState, now: float) -> None:
        """Hear the state of the push channel."""
        if self._is_down and state.connected:
            self._restored_at = now
        self._is_down = not state.connected

    def on_wake(self, now: float) -> None:
        """Handle that this machine slept until now, so that nothing could arrive."""
        self._restored_at = now

    def may_have_missed(self, since: float) -> bool:
        """Return whether the push channel was down at some time since `since`, so that an answer may be lost."""
        return self._is_down or self._restored_at >= since
