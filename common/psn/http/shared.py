"""The pace that all processes of one pipeline keep together: `PaceState` in a small file, under a lock."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog

from common.basic.clock import Moment, boot_ns
from common.files.state import UNUSABLE
from common.psn.http.pace import Closed, Openings, Pace, PaceState, close, closed_for

R = TypeVar("R")
_LIMIT = 64 * 1024
_BLIND_S = 10.0
"""Where the file cannot be used, a process' first connection waits so long: then no crash loop opens more than that."""
CALLERS = 3
"""auth, session and signaling call; together they keep the pace also where each is alone."""
_TRIES = 40
_PAUSE_S = 0.003
"""A lock is held for microseconds; whoever was stopped with it must not stop the others."""


class SharedPace:
    """One process' handle.

    Where the file cannot be used (no room, no permission), this process keeps a third of the pace for itself, and logs
    that; what it read last still counts.
    """

    def __init__(self, file: Path, pace: Pace) -> None:
        self._file = file
        self._pace = pace
        self._pacing = pace
        self._own = PaceState()
        self._alone = False
        self._log = structlog.get_logger("psn")

    def enter(
        self, place: str, host: str, *, urgent: bool, leave: float = 0.0
    ) -> tuple[float, tuple[Closed, float] | None]:
        """Reserve a call to `host`: return the seconds to wait (urgent: never), or what forbids it, and how long.

        `leave` as in `Pace.take`: a call that leaves something to others is to ask again after its wait.
        """

        def take(state: PaceState) -> tuple[PaceState, tuple[float, tuple[Closed, float] | None]]:
            forbidden = closed_for(state, host, Moment.now(), urgent=urgent)
            if forbidden is not None:
                return state, (0.0, forbidden)
            state, wait_s = self._pacing.take(state, boot_ns(), leave=leave)
            return state, (0.0 if urgent else wait_s, None)

        return self._update(place, take)

    def forbidden(self, place: str, host: str) -> tuple[Closed, float] | None:
        """Return what forbids a call to `host` that was reserved earlier."""

        def look(state: PaceState) -> tuple[PaceState, tuple[Closed, float] | None]:
            return state, closed_for(state, host, Moment.now(), urgent=False)

        return self._update(place, look)

    def close(self, place: str, host: str, closed: Closed) -> None:
        """Have nobody call `host` ("": any) for a while, from now on."""
        closed = msgspec.structs.replace(closed, at=Moment.now())
        self._update(place, lambda state: (close(state, host, closed), None))

    def opening(self, place: str, openings: Openings) -> float:
        """Take a connection of the push channel (0.0), or return for how many seconds there is none."""

        def fresh() -> PaceState:
            return openings.blind(PaceState(place=place), boot_ns(), _BLIND_S)

        return self._update(place, lambda state: openings.take(state, boot_ns()), fresh)

    def _update(
        self,
        place: str,
        change: Callable[[PaceState], tuple[PaceState, R]],
        fresh: Callable[[], PaceState] | None = None,
    ) -> R:
        """Change what is shared; `fresh` makes the state to begin with where the file cannot be used."""
        self._pacing = self._pace
        try:
            with self._locked() as handle:
                before = _read(handle, place, fresh)
                if not self._alone:
                    self._own = before  # should it not be possible to write
                after, found = change(before)
                if after != before:
                    _write(handle, after)
                self._own = after
        except OSError as error:
            if not self._alone:
                self._log.warning("the pace is not shared with the other workers", error=str(error))
            self._alone = True
            self._pacing = Pace(self._pace.calls_per_s / CALLERS, max(1, self._pace.burst // CALLERS))
            known = self._own.place == place and (fresh is None or self._own.opened_at_ns)
            self._own, found = change(self._own if known else fresh() if fresh else PaceState(place=place))
        else:
            self._alone = False
        return found

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        """Yield the file, locked; raises `OSError` (`BlockingIOError`: another process holds it for too long)."""
        handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            for left in range(_TRIES - 1, -1, -1):
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    if not left:
                        raise
                    time.sleep(_PAUSE_S)
                else:
                    break
            yield handle
        finally:
            os.close(handle)


def _read(handle: int, place: str, fresh: Callable[[], PaceState] | None) -> PaceState:
    """Return the state of `place`; another's is begun again, and so is what cannot be read, as carefully as `fresh`."""
    raw = os.pread(handle, _LIMIT, 0)
    try:
        state = msgspec.json.decode(raw, type=PaceState)
    except UNUSABLE:
        return fresh() if raw and fresh else PaceState(place=place)
    return state if state.place == place else PaceState(place=place)


def _write(handle: int, state: PaceState) -> None:
    """Write in one call, padded over what stood there: a kill in between leaves no half of it."""
    data = msgspec.json.encode(state)
    os.pwrite(handle, data.ljust(os.fstat(handle).st_size), 0)
