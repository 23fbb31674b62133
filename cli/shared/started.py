"""The supervisord that a command has just started: noted, so that nobody loses it while it does not answer yet.

On a busy machine that may take longer than somebody waits. A command that gives up ends it, and `partyline down` finds
it by the note.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import msgspec
import psutil

from cli.shared.failures import CommandError
from cli.shared.supervisor import Supervisor
from common.files.paths import Paths, write_atomically
from common.files.state import UNUSABLE

NOTE = "supervisord.started"
FOUND_S = 30.0
"""How long a supervisord may take to answer. At a load of 17 on two cores it took over 10 s."""
POLL_S = 0.1
END_S = 10.0
"""How long one that never answered may take to end. Its workers, if there are any, stop by themselves without it."""


class _Note(msgspec.Struct, frozen=True):
    pid: int
    born: float
    """When the process was started, as the system counts it, so that another one of that number is not taken for it."""


class StartedSupervisord:
    """A process that is, or becomes, a supervisord."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        return int(self._process.pid)

    @property
    def is_there(self) -> bool:
        try:
            return bool(self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE)
        except psutil.Error:
            return False

    def wait_for_answer(self, find: Callable[[], Supervisor | None], limit_s: float = FOUND_S) -> Supervisor | None:
        """Return the supervisord once `find` finds it, or None if it ended, or did not answer within `limit_s`."""
        deadline = time.monotonic() + limit_s
        while (found := find()) is None:
            if not self.is_there or time.monotonic() > deadline:
                return None
            time.sleep(POLL_S)
        return found

    def end(self) -> None:
        """End it. A supervisord that hears the signal stops its workers first. Raises `CommandError` if it stays."""
        for signal_it in (self._process.terminate, self._process.kill):
            try:
                signal_it()
                self._process.wait(END_S)
            except psutil.NoSuchProcess:
                return
            except psutil.TimeoutExpired:
                continue
            else:
                return
        raise CommandError(
            f"The supervisord that was started last (process {self.pid}) does not end.",
            f"End it by force: kill -9 {self.pid}.",
        )


def note(paths: Paths, process_id: int) -> StartedSupervisord:
    """Note a supervisord that was just started."""
    started = StartedSupervisord(psutil.Process(process_id))
    born = started._process.create_time()  # noqa: SLF001
    with contextlib.suppress(OSError):  # a full disk: then only this command knows of it
        write_atomically(paths.run / NOTE, msgspec.json.encode(_Note(process_id, born)))
    return started


def last(paths: Paths) -> StartedSupervisord | None:
    """Return the supervisord that was started last in this home, if its process is still there."""
    try:
        noted = msgspec.json.decode((paths.run / NOTE).read_bytes(), type=_Note)
        process = psutil.Process(noted.pid)
        is_it = abs(process.create_time() - noted.born) < 1
    except (OSError, psutil.Error, *UNUSABLE):
        return None
    started = StartedSupervisord(process)
    return started if is_it and started.is_there else None
