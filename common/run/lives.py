"""Backoff of a worker's restarts, kept in ``run/NAME.lives``.

A run that ends soon after its start makes the next start wait. A worker that calls PlayStation's servers at each start
also has a budget of starts (`take_start`). `begin`, `take_start` and `Lives` decide and do no I/O. `LivesFile` stores
the result. Times are `common.basic.clock.boot_s`.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from common.basic.clock import boot_s
from common.files.state import UNUSABLE
from common.messages import WorkerHealth

SHORT_S = 60.0
"""Shorter runs count as short."""
FORGET_S = 300.0
"""Uptime that clears one earlier short run."""
FREE_SHORT_RUNS = 3
"""After this many short runs in a row, starts begin to wait, and each wait is twice the last one."""
FIRST_WAIT_S = 1.0
"""The first wait. Each further one is twice the last."""
LONGEST_WAIT_S = 60.0
"""The longest wait. A crash loop then starts about once a minute (tests/common/run/test_lives.py)."""
START_BURST = 4
"""Burst of the budget of starts. The first crashes are restarted within a second."""
START_INTERVAL_S = 450.0
"""Interval of the budget of starts. If all calling workers crash at once, they use a tenth of the allowed calls."""
HELD_BACK = "waits"
"""Prefix of the heartbeat's detail of a worker that waits for its start."""
BLIND_S = 10.0
"""Wait of each start if the file cannot be written. It slows down a crash loop."""
_REQUESTED = ".wished"
ROOM_BYTES = 1024
"""Size of the file from its first write on. Overwriting it needs no room on a full disk."""
MOST_KEPT = 10
"""Limit of counted short runs, which gives the longest wait."""


class Lives(msgspec.Struct, frozen=True, kw_only=True):
    """The record of earlier runs."""

    short: int = 0
    """Short runs that count for the wait."""
    times: int = 0
    """Short runs since `short` was last 0."""
    began_s: float = 0.0
    """When the current run may begin (after its wait), or the last one began."""
    why: str = ""
    """What ended the last run, or empty if unknown."""
    running: bool = False
    full_s: float = 0.0
    """When the budget of starts is full again."""


def begin(before: Lives, now: float) -> tuple[Lives, float]:
    """Return the new record, and the seconds to wait before the work begins.

    A run counts as short if the next start comes within `SHORT_S` of its begin, unless it ended in order. A begin in
    the future dates from before the last reboot, and is discarded.
    """
    life_s = now - before.began_s
    if not before.running or life_s < -max(LONGEST_WAIT_S, START_INTERVAL_S):
        return Lives(began_s=now, running=True), 0.0
    short, times = max(0, min(before.short, MOST_KEPT)), max(0, before.times)
    if life_s < SHORT_S:
        short, times = min(short + 1, MOST_KEPT), times + 1
    else:
        short = max(0, short - int(min(life_s / FORGET_S, MOST_KEPT)))
        times = times if short else 0
    wait_s = wait_after(short) if life_s < SHORT_S else 0.0
    why = before.why if short else ""
    return Lives(short=short, times=times, began_s=now + wait_s, why=why, running=True, full_s=before.full_s), wait_s


def take_start(lives: Lives, now: float) -> tuple[Lives, float]:
    """Take a start from the budget. Return the new record, and the seconds to wait (0 if the budget has one)."""
    full_s = min(max(lives.full_s, now), now + START_INTERVAL_S * START_BURST) + START_INTERVAL_S
    wait_s = max(0.0, full_s - START_INTERVAL_S * START_BURST - now)
    return msgspec.structs.replace(lives, full_s=full_s, began_s=max(lives.began_s, now + wait_s)), wait_s


def wait_after(short: int) -> float:
    """Return the wait of a start after `short` short runs in a row."""
    beyond = short - FREE_SHORT_RUNS
    return 0.0 if beyond < 0 else min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(beyond, 32))


def keeps_ending(name: str, lives: Lives) -> tuple[str, str]:
    """Return message and remedy of a worker that keeps ending."""
    why = lives.why or "it could not say why (it was killed, or a library crashed)"
    return (
        f"{name} keeps ending soon after its start, {lives.times} times lately. The last time: {why}.",
        f"It is restarted after up to {LONGEST_WAIT_S:.0f} s each time. See `partyline logs {name}`.",
    )


def forget(run: Path, name: str) -> None:
    """Let the next start begin without a wait. Call it only while the pipeline is stopped."""
    with contextlib.suppress(OSError):
        (run / f"{name}.lives").unlink()


def start_put_off(name: str, wait_s: float) -> tuple[str, str]:
    """Return message and remedy of a worker whose start waits for the budget of starts."""
    return (
        f"{name} was started so often lately that its next start waits {wait_s:.0f} s. Each start calls PlayStation.",
        f"A command that needs it, like `partyline leave`, starts it at once. `partyline logs {name}` tells why.",
    )


def request_start(run: Path, name: str) -> None:
    """Let a waiting worker begin now, because a request needs it."""
    with contextlib.suppress(OSError):
        (run / f"{name}{_REQUESTED}").touch(mode=0o600)


def is_held(health: WorkerHealth) -> bool:
    """Return whether a worker is waiting for its start because it ended too often."""
    return health.state == "starting" and health.detail.startswith(HELD_BACK)


def wake(run: Path, workers: Iterable[WorkerHealth], woken: set[str]) -> None:
    """Let all waiting workers begin, because a request to one may need the others.

    Each is woken once for a request. `woken` has the names of those already woken, and is updated.
    """
    for health in workers:
        if is_held(health) and health.worker.isidentifier() and health.worker not in woken:  # not of another machine
            woken.add(health.worker)
            request_start(run, health.worker)


def take_start_request(run: Path, name: str) -> bool:
    """Return whether `request_start` was called for this worker, and clear that."""
    try:
        (run / f"{name}{_REQUESTED}").unlink()
    except OSError:
        return False
    return True


class LivesFile:
    """The file with the record of one worker. Only the holder of the worker's lock may use it."""

    def __init__(self, run: Path, name: str) -> None:
        self._file = run / f"{name}.lives"
        self._handle = -1
        self.now = Lives()

    def begin(self) -> float:
        """Record a start. Return the seconds to wait, at least `BLIND_S` if the file cannot be written."""
        self.now, wait_s = begin(self._read(), boot_s())
        return wait_s if self._write() else max(wait_s, BLIND_S)

    def take_start(self) -> float:
        """Take a start from the budget. Return the seconds to wait for it."""
        self.now, wait_s = take_start(self.now, boot_s())
        self._write()
        return wait_s

    def record_begin(self) -> None:
        """Record that the work begins now, after a wait that may have been shortened."""
        self.now = msgspec.structs.replace(self.now, began_s=boot_s())
        self._write()

    def record_end(self, why: str) -> None:
        """Record why this run ends."""
        words = " ".join(why.encode("utf-8", "replace").decode().split())
        self.now = msgspec.structs.replace(self.now, why=words[:200].rstrip("."))
        self._write()

    def record_clean_end(self) -> None:
        """Record that this run ended in order, which clears the record."""
        self.now = Lives()
        self._write()

    def has_lasted(self) -> bool:
        """Return whether this run no longer counts as short."""
        return boot_s() - self.now.began_s >= SHORT_S

    def _read(self) -> Lives:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Lives)
        except (OSError, *UNUSABLE):
            return Lives()

    def _write(self) -> bool:
        """Overwrite the file in one call. Return whether that worked.

        The file stays open, because a worker may end for lack of file descriptors.
        """
        data = msgspec.json.encode(self.now).ljust(ROOM_BYTES)
        try:
            if self._handle < 0:
                self._handle = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            return os.pwrite(self._handle, data, 0) == len(data)
        except OSError:
            return False
