"""The pace shared by all processes that call the same servers: `PaceState` in a small locked file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog

from common.basic.clock import Moment, boot_ns
from common.files.lock import locked
from common.files.state import UNUSABLE
from common.psn.http.pace import CallRate, Closed, Openings, PaceState, close, closed_for

R = TypeVar("R")
_LIMIT = 64 * 1024
_BLIND_S = 10.0
"""Wait of a process' first connection if the file is unusable. It limits the connections of a crash loop."""
CALLERS = 3
"""Number of callers: auth, session and signaling. Without the file, each takes a third of the pace."""
_TRIES = 40
_PAUSE_S = 0.003
"""Pause between attempts to lock. A lock is held for microseconds, so `_TRIES` limits waiting for a stopped process."""


class SharedPace:
    """One process' handle of the shared pace.

    If the file is unusable (disk full, no permission), this process keeps a third of the pace on its own and logs it.
    It continues from the state that it read last.
    """

    def __init__(self, file: Path, pace: CallRate) -> None:
        self._file = file
        self._pace = pace
        self._pacing = pace
        self._own = PaceState()
        self._alone = False
        self._log = structlog.get_logger("psn")

    def enter(
        self, place: str, host: str, *, urgent: bool, leave: float = 0.0
    ) -> tuple[float, tuple[Closed, float] | None]:
        """Reserve a call to `host`. Return the seconds to wait (0 if urgent), or what forbids it and for how long.

        `leave` is as in `CallRate.take`. A call with `leave` must ask again after its wait.
        """

        def take(state: PaceState) -> tuple[PaceState, tuple[float, tuple[Closed, float] | None]]:
            forbidden = closed_for(state, host, Moment.now(), urgent=urgent)
            if forbidden is not None:
                return state, (0.0, forbidden)
            state, wait_s = self._pacing.take(state, boot_ns(), leave=leave)
            return state, (0.0 if urgent else wait_s, None)

        return self._update(place, take)

    def forbidden(self, place: str, host: str) -> tuple[Closed, float] | None:
        """Return what now forbids a call to `host` that is already reserved."""

        def look(state: PaceState) -> tuple[PaceState, tuple[Closed, float] | None]:
            return state, closed_for(state, host, Moment.now(), urgent=False)

        return self._update(place, look)

    def close(self, place: str, host: str, closed: Closed) -> None:
        """Pause all calls to `host` ("": every host) from now on."""
        closed = msgspec.structs.replace(closed, at=Moment.now())
        self._update(place, lambda state: (close(state, host, closed), None))

    def opening(self, place: str, openings: Openings) -> float:
        """Take a push connection (0.0), or return the seconds until one is allowed."""

        def fresh() -> PaceState:
            return openings.blind(PaceState(place=place), boot_ns(), _BLIND_S)

        return self._update(place, lambda state: openings.take(state, boot_ns()), fresh)

    def _update(
        self,
        place: str,
        change: Callable[[PaceState], tuple[PaceState, R]],
        fresh: Callable[[], PaceState] | None = None,
    ) -> R:
        """Apply `change` to the shared state. `fresh` makes the initial state if the file is unusable."""
        self._pacing = self._pace
        try:
            with locked(self._file, tries=_TRIES, pause_s=_PAUSE_S) as handle:
                before = _read(handle, place, fresh)
                if not self._alone:
                    self._own = before  # in case the write fails
                after, found = change(before)
                if after != before:
                    _write(handle, after)
                self._own = after
        except OSError as error:
            if not self._alone:
                self._log.warning("the pace is not shared with the other workers", error=str(error))
            self._alone = True
            self._pacing = CallRate(self._pace.calls_per_s / CALLERS, max(1, self._pace.burst // CALLERS))
            known = self._own.place == place and (fresh is None or self._own.opened_at_ns)
            self._own, found = change(self._own if known else fresh() if fresh else PaceState(place=place))
        else:
            self._alone = False
        return found


def _read(handle: int, place: str, fresh: Callable[[], PaceState] | None) -> PaceState:
    """Return the state of `place`. A state of other servers is replaced, and an unreadable one by `fresh`'s."""
    raw = os.pread(handle, _LIMIT, 0)
    try:
        state = msgspec.json.decode(raw, type=PaceState)
    except UNUSABLE:
        return fresh() if raw and fresh else PaceState(place=place)
    return state if state.place == place else PaceState(place=place)


def _write(handle: int, state: PaceState) -> None:
    """Write in one call, padded to the old size, so that a kill leaves no partial state."""
    data = msgspec.json.encode(state)
    os.pwrite(handle, data.ljust(os.fstat(handle).st_size), 0)
