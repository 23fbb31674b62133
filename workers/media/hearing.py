"""Whether an answer to an offer of ours could come at all: answers come by the push channel. No I/O, no clock."""

from __future__ import annotations

from common.messages import PushState


class Hearing:
    """Times are monotonic seconds."""

    def __init__(self) -> None:
        self._away = False
        self._back_at = float("-inf")

    def push(self, state: PushState, now: float) -> None:
        """Take in how it stands with the push channel."""
        if self._away and state.connected:
            self._back_at = now
        self._away = not state.connected

    def missed(self, since: float) -> bool:
        """Tell whether the push channel was away at some time since `since`: an answer may have been lost."""
        return self._away or self._back_at >= since
