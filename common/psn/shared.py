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

from common.psn.pace import Closed, Pace, PaceState, close, closed_for

R = TypeVar("R")
_LIMIT = 64 * 1024
_TRIES = 40
_PAUSE_S = 0.003
"""A lock is held for microseconds; whoever was stopped with it must not stop the others."""


class SharedPace:
    """One process' handle. Where the file cannot be used, this process keeps the pace for itself, and logs that."""

    def __init__(self, file: Path, pace: Pace) -> None:
        self._file = file
        self._pace = pace
        self._own = PaceState()
        self._alone = False
        self._log = structlog.get_logger("psn")

    def enter(self, place: str, host: str, *, urgent: bool) -> tuple[float, tuple[Closed, float] | None]:
        """Reserve a call to `host`: return the seconds to wait (urgent: never), or what forbids it, and how long."""

        def take(state: PaceState) -> tuple[PaceState, tuple[float, tuple[Closed, float] | None]]:
            now_ns = time.monotonic_ns()
            forbidden = closed_for(state, host, now_ns, time.time(), urgent=urgent)
            if forbidden is not None:
                return state, (0.0, forbidden)
            state, wait_s = self._pace.take(state, now_ns)
            return state, (0.0 if urgent else wait_s, None)

        return self._update(place, take)

    def forbidden(self, place: str, host: str) -> tuple[Closed, float] | None:
        """Return what forbids a call to `host` that was reserved earlier."""

        def look(state: PaceState) -> tuple[PaceState, tuple[Closed, float] | None]:
            return state, closed_for(state, host, time.monotonic_ns(), time.time(), urgent=False)

        return self._update(place, look)

    def close(self, place: str, host: str, closed: Closed) -> None:
        """Have nobody call `host` ("": any) for a while."""
        self._update(place, lambda state: (close(state, host, closed), None))

    def _update(self, place: str, change: Callable[[PaceState], tuple[PaceState, R]]) -> R:
        try:
            with self._locked() as handle:
                before = _read(handle, place)
                after, found = change(before)
                if after != before:
                    _write(handle, after)
                self._own = after
        except OSError as error:
            if not self._alone:
                self._log.warning("the pace is not shared with the other workers", error=str(error))
            self._alone = True
            self._own, found = change(self._own if self._own.place == place else PaceState(place=place))
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


def _read(handle: int, place: str) -> PaceState:
    """Return the state of `place`; whatever else lies there (another's, or half a write) begins anew."""
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
        state = msgspec.json.decode(os.pread(handle, _LIMIT, 0), type=PaceState)
        if state.place == place:
            return state
    return PaceState(place=place)


def _write(handle: int, state: PaceState) -> None:
    data = msgspec.json.encode(state)
    os.ftruncate(handle, os.pwrite(handle, data, 0))
