"""State file of signaling, which keeps its last connection and its message counter across a kill -9. No secrets."""

from __future__ import annotations

from pathlib import Path

import msgspec

from common.basic.clock import Moment
from common.files.state import Placed, StateFile
from workers.signaling.loss import Loss

RESERVED = 256
"""Numbers reserved by one write. After a kill some are skipped, but none is used twice."""
ALIVE_S = 10.0
"""How often an open connection is saved. The time of a kill -9 is known to this precision."""


class SignalingMemory(Placed, frozen=True, kw_only=True):
    account_id: str = ""
    protocol: str = ""
    """Of the last connection. Empty if there was none."""
    open: bool = False
    """Whether that connection was open when this was written."""
    seen: Moment = Moment()
    """When it was lost, or last seen open."""
    presence_s: float = 0.0
    next_number: int = 1
    """The first unused `global_seq_num`."""


class _MemoryFile(StateFile[SignalingMemory]):
    def fresh(self, other: SignalingMemory | None) -> SignalingMemory:
        """Start afresh with other servers, but keep the counter."""
        return SignalingMemory(place=self.place, next_number=other.next_number if other else 1)


class SignalingMemoryFile:
    """Keeps the `SignalingMemory`. Seconds are those of `common.basic.clock.boot_s`."""

    def __init__(self, path: Path, place: str) -> None:
        self._file = _MemoryFile(path, SignalingMemory, place, "the push link")
        self._number = self._now.next_number

    @property
    def place(self) -> str:
        return self._file.place

    @property
    def _now(self) -> SignalingMemory:
        return self._file.now

    @property
    def account_id(self) -> str:
        return self._now.account_id

    @property
    def protocol(self) -> str:
        return self._now.protocol

    def loss(self, now: Moment) -> Loss | None:
        """Return when the last run's connection was lost, or None if it had none.

        A connection that was open at a kill counts as lost then, to the precision of `ALIVE_S`.
        """
        kept = self._now
        if not kept.protocol:
            return None
        ago = kept.seen.ago_s(now)
        return Loss(now.boot_s - max(0.0, ago - (ALIVE_S if kept.open else 0.0)), kept.presence_s)

    def record_open(self, protocol: str, account_id: str, presence_s: float, now: Moment) -> None:
        self._record(now, open=True, protocol=protocol, account_id=account_id, presence_s=presence_s)

    def record_alive(self, presence_s: float, now: Moment) -> None:
        """Record that the connection is still open. It may be called at any rate."""
        if self._now.seen.ago_s(now) >= ALIVE_S or presence_s != self._now.presence_s:
            self._record(now, presence_s=presence_s)

    def record_loss(self, loss: Loss, now: Moment) -> None:
        self._record(now.earlier(now.boot_s - loss.at), open=False, presence_s=loss.presence_s)

    def next_number(self) -> int:
        """Return the next `global_seq_num`, greater than any before, even in earlier runs."""
        number = self._number
        if number >= self._now.next_number:
            self._file.keep(msgspec.structs.replace(self._now, next_number=number + RESERVED))
        self._number = number + 1
        return number

    def _record(self, at: Moment, **more: object) -> None:
        self._file.keep(msgspec.structs.replace(self._now, seen=at, **more))
