"""How often a worker ended soon after its start, and how long the next start has to wait. Kept in ``run/NAME.lives``.

Who calls PlayStation's servers at each start has a budget of starts besides, however long its lives are: `ration`.
`begin`, `ration`, `Lives` and the words decide and do no I/O; `LivesFile` keeps what they decide. Times are
`common.basic.clock.boot_s`.
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
"""A life that lasted so long was no short one."""
FORGET_S = 300.0
"""For so much of a life one of the short ones before it is forgotten."""
FREE = 3
"""So many short lives in a row are followed by a start at once; from then on each wait is twice the last one."""
FIRST_S = 1.0
MOST_S = 60.0
AT_ONCE = 4
"""So many starts of a worker that calls PlayStation's servers are free; a first crash is over in a second."""
EVERY_S = 450.0
"""Then one in so long: all that call, crashing at their first breath, make a tenth of the calls that are allowed."""
HELD_BACK = "waits"
"""How the detail of a heartbeat begins whose worker does nothing yet."""
BLIND_S = 10.0
"""Where nothing can be kept, each start waits so long: a loop is slow then too."""
_WISHED = ".wished"
ROOM_BYTES = 1024
"""The file has this size from its first write on: a disk that is full by then takes what is written over it."""
MOST_KEPT = 10
"""So many short ones make the longest wait, and are remembered at most."""


class Lives(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of the lives before this one."""

    short: int = 0
    """Short ones that are not forgotten."""
    times: int = 0
    """How many there were since there were none."""
    began_s: float = 0.0
    """When the running life may begin (after its wait), or the last one did."""
    why: str = ""
    """What ended the last one; empty: it could not say."""
    running: bool = False
    full_s: float = 0.0
    """When all of the budget of starts will be there again."""


def begin(before: Lives, now: float) -> tuple[Lives, float]:
    """Return what to keep from now on, and the seconds to wait before the work begins.

    A life counts as short when the next start comes within `SHORT_S` of its begin, unless it ended in good order. A
    begin that lies in the future is of before the machine's last start, and is forgotten.
    """
    life_s = now - before.began_s
    if not before.running or life_s < -max(MOST_S, EVERY_S):
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


def ration(lives: Lives, now: float) -> tuple[Lives, float]:
    """Take one of the budget of starts; return what to keep, and the seconds to wait for it, 0 where there is one."""
    full_s = min(max(lives.full_s, now), now + EVERY_S * AT_ONCE) + EVERY_S
    wait_s = max(0.0, full_s - EVERY_S * AT_ONCE - now)
    return msgspec.structs.replace(lives, full_s=full_s, began_s=max(lives.began_s, now + wait_s)), wait_s


def wait_after(short: int) -> float:
    """Return how long a start waits after so many short lives in a row."""
    return 0.0 if short < FREE else min(MOST_S, FIRST_S * 2.0 ** min(short - FREE, 32))


def words(name: str, lives: Lives) -> tuple[str, str]:
    """Return message and remedy of a worker that keeps ending."""
    why = lives.why or "it could not say why (it was killed, or a library crashed)"
    return (
        f"{name} keeps ending soon after its start, {lives.times} times lately. The last time: {why}.",
        f"It is started again by itself, after up to {MOST_S:.0f} s each time; see the end of var/log/{name}.log.",
    )


def forget(run: Path, name: str) -> None:
    """Have the next start wait for nothing. Only where nobody else starts that worker: the pipeline is stopped."""
    with contextlib.suppress(OSError):
        (run / f"{name}.lives").unlink()


def rationed(name: str, wait_s: float) -> tuple[str, str]:
    """Return message and remedy of a worker whose starts are put off for PlayStation's servers' sake."""
    return (
        f"{name} was started so often lately that its next start is put off by {wait_s:.0f} s: each asks PlayStation.",
        f"What you ask of it, as `partyline leave`, starts it at once; the end of var/log/{name}.log tells why.",
    )


def wish(run: Path, name: str) -> None:
    """Have a worker that is held back begin now: somebody wants something of it."""
    with contextlib.suppress(OSError):
        (run / f"{name}{_WISHED}").touch(mode=0o600)


def is_held(health: WorkerHealth) -> bool:
    """Return whether a worker is there and does nothing yet, because it ended too often."""
    return health.state == "starting" and health.detail.startswith(HELD_BACK)


def wake(run: Path, workers: Iterable[WorkerHealth], woken: set[str]) -> None:
    """Have all begin that are held back: what a person asks of one may need the others.

    Each once for what is asked: `woken` has those that were, and is added to.
    """
    for health in workers:
        if is_held(health) and health.worker not in woken:
            woken.add(health.worker)
            wish(run, health.worker)


def wished(run: Path, name: str) -> bool:
    """Return whether somebody does, and forget it."""
    try:
        (run / f"{name}{_WISHED}").unlink()
    except OSError:
        return False
    return True


class LivesFile:
    """The lives of one worker. Hold the worker's lock while you use it: there is one writer."""

    def __init__(self, run: Path, name: str) -> None:
        self._file = run / f"{name}.lives"
        self._handle = -1
        self.now = Lives()

    def begin(self) -> float:
        """Note a start; return the seconds to wait. Where nothing can be kept, that is `BLIND_S`."""
        self.now, wait_s = begin(self._read(), boot_s())
        return wait_s if self._write() else max(wait_s, BLIND_S)

    def ration(self) -> float:
        """Take one of the budget of starts; return the seconds to wait for it."""
        self.now, wait_s = ration(self.now, boot_s())
        self._write()
        return wait_s

    def begins(self) -> None:
        """Note that the work begins now, after a wait that may have been cut short."""
        self.now = msgspec.structs.replace(self.now, began_s=boot_s())
        self._write()

    def ends(self, why: str) -> None:
        """Note what ends this life."""
        words = " ".join(why.encode("utf-8", "replace").decode().split())
        self.now = msgspec.structs.replace(self.now, why=words[:200].rstrip("."))
        self._write()

    def ends_well(self) -> None:
        """Note that this life ended as it should: what came before is forgotten."""
        self.now = Lives()
        self._write()

    def lasted(self) -> bool:
        """Return whether this life is no short one any more."""
        return boot_s() - self.now.began_s >= SHORT_S

    def _read(self) -> Lives:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Lives)
        except (OSError, *UNUSABLE):
            return Lives()

    def _write(self) -> bool:
        """Write over what stands there, in one call; return whether that worked.

        The file stays open: what ends a worker can be that there are no descriptors left.
        """
        data = msgspec.json.encode(self.now).ljust(ROOM_BYTES)
        try:
            if self._handle < 0:
                self._handle = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            return os.pwrite(self._handle, data, 0) == len(data)
        except OSError:
            return False
