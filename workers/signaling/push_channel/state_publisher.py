"""The published state of the push channel, `PushState`, with times for the user and session."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

import msgspec

from common.basic.clock import boot_s
from common.messages import PushState
from workers.signaling.loss import Loss


class Told:
    """The publisher. Times come in as seconds of `common.basic.clock.boot_s`, and go out as Unix seconds."""

    def __init__(self, say: Callable[[PushState], None]) -> None:
        self._say = say
        self._now = PushState(connected=False)

    def connected(self, host: str, protocol: str, kind: int, *, answered: bool | None) -> None:
        self._tell(
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

    def kind(self, kind: int) -> None:
        """Publish another keep-alive type of the open channel."""
        if self._now.keep_alive_type != kind:
            self._tell(msgspec.structs.replace(self._now, keep_alive_type=kind))

    def away(self, detail: str, loss: Loss | None, next_at: float = 0.0) -> None:
        """Publish that the channel is not open, why, since when, and when the next try is."""
        unix = time.time() - boot_s()
        self._tell(
            PushState(
                connected=False,
                detail=detail,
                since=unix + loss.at if loss is not None else 0.0,
                next_try_at=unix + next_at if next_at > boot_s() else 0.0,
                counts_as_gone=_gone(loss),
            )
        )

    def held_back(self, loss: Loss | None, until: float) -> None:
        """Publish that the next try is later than reported."""
        self.away(self._now.detail, loss, until)

    def look(self, loss: Loss | None) -> None:
        """Publish once after a loss that the server may have dropped us."""
        if not self._now.connected and not self._now.counts_as_gone and _gone(loss):
            self._tell(msgspec.structs.replace(self._now, counts_as_gone=True))

    def _tell(self, state: PushState) -> None:
        self._now = state
        self._say(state)


def _gone(loss: Loss | None) -> bool:
    return loss is not None and not loss.within_presence(boot_s())
