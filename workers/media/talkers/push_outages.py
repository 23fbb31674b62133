"""Whether an answer to a local offer could have arrived. Answers come by the push channel. No I/O, no clock."""

from __future__ import annotations

from common.messages import PushState


class Hearing:
    """The push channel's outages. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._away = False
        self._back_at = float("-inf")

    def push(self, state: PushState, now: float) -> None:
        """Take the state of the push channel."""
        if self._away and state.connected:
            self._back_at = now
        self._away = not state.connected

    def missed(self, since: float) -> bool:
        """Return whether the push channel was down at some time since `since`, so that an answer may be lost."""
        return self._away or self._back_at >= since
