"""The process of a worker: folders, lock, settings, and the backoff of its start."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from common.basic.clock import preloaded
from common.basic.loop import run
from common.bus import Bus
from common.config.settings import load
from common.config.tables import Settings
from common.errors import PartylineError, SettingsError
from common.files.paths import Paths, usable_umask, write_atomically
from common.log import logs
from common.messages import Problem
from common.run.heartbeat import BEAT_S, Heartbeat
from common.run.lives import FREE_SHORT_RUNS, HELD_BACK, LivesFile, keeps_ending, start_put_off, take_start_request
from common.run.programs import ELSEWHERE, START_SECONDS
from common.run.runner import in_words
from common.run.worker import ENDS, Worker

EXIT_SETTINGS = 78
EXIT_RUNNING = 75
MARGIN_S = 0.5
"""Chosen to be more than supervisord's own tick takes on a busy machine."""
SLOWLY_S = 10.0
"""Delay of an exit that only the user can fix. supervisord restarts a worker at once."""

Log = structlog.stdlib.BoundLogger


@contextlib.contextmanager
def only_one(run: Path, name: str) -> Iterator[bool]:
    """Hold the lock of worker `name`. Yields False if another process has it. The lock ends with the process.

    If the lock file cannot be created (disk full), the worker runs without a lock, which is better than not running.
    Raises `FileNotFoundError` if `run` does not exist.
    """
    try:
        handle = _lock_file(run, name)
    except FileNotFoundError:
        raise
    except OSError as error:
        structlog.get_logger(name).warning("cannot check whether it is running already", error=str(error))
        yield True
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)


def _lock_file(run: Path, name: str) -> int:
    file = run / f"{name}.lock"
    with contextlib.suppress(FileNotFoundError):
        return os.open(file, os.O_RDONLY | os.O_CLOEXEC)  # needs no disk space and no write permission
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def main(cls: type[Worker]) -> None:
    """Run the worker of this process. Exit 0 after a stop, 1 after a fault, 75 if it runs already, 78 on settings."""
    faulthandler.enable()
    usable_umask()
    paths = Paths.of_environment()
    log = logs.setup(cls.name)
    try:
        paths.make()
        if machine := _elsewhere(paths, cls.name):
            log.info("runs on the other machine", machine=machine)
            _outlast_its_start()
            sys.exit(ELSEWHERE)
        with only_one(paths.run, cls.name) as alone:
            if not alone:
                remedy = "Stop the other one: `partyline down`."
                log.error("already running in this home", home=str(paths.home), remedy=remedy)
                _slowly(lambda: not _locked(paths.run, cls.name))
                sys.exit(EXIT_RUNNING)
            sys.exit(_alone(cls, paths, log))
    except PartylineError as error:
        log.error("cannot go on", error=error.message, remedy=error.remedy)  # noqa: TRY400  # a sentence, not a traceback
        sys.exit(1)
    except OSError as error:
        remedy = "Check $PARTYLINE_HOME: that folder must be yours, and writable."
        log.error("cannot start", error=str(error), remedy=remedy)  # noqa: TRY400  # a sentence, not a traceback
        _slowly(lambda: False)
        sys.exit(EXIT_SETTINGS)


def _elsewhere(paths: Paths, name: str) -> str:
    """Return the machine that `[split]` gives this worker to, or "". What is wrong with the settings is told later."""
    try:
        division = load(paths).split.division()
    except (SettingsError, OSError):
        return ""
    return "" if division is None or division.is_here(name) else division.machine


def _outlast_its_start() -> None:
    """Wait until supervisord takes the start for a success. What ends before is started again, whatever its code."""
    if _supervised():
        time.sleep(START_SECONDS + MARGIN_S)


def _alone(cls: type[Worker], paths: Paths, log: Log) -> int:
    _note_supervisor(cls.name, paths, log)
    lives = LivesFile(paths.run, cls.name)
    wait_s = lives.begin()
    try:
        settings = load(paths)
    except (SettingsError, OSError) as error:
        if cls.needs_settings:
            return _unsettled(cls.name, paths, lives, error, max(wait_s, SLOWLY_S), log)
        log.warning("runs without the settings", error=str(error))
        settings = Settings()
    logs.setup(cls.name, settings.log.level)
    rations = cls.calls_sony and settings.psn.realm == "playstation" and _supervised()
    put_off_s = lives.take_start() if rations else 0.0
    if (wait_s or put_off_s) and not _hold_back(cls.name, paths, lives, wait_s, put_off_s, log):
        lives.record_clean_end()
        return 0
    return _work(cls, paths, settings, lives, log)


def _work(cls: type[Worker], paths: Paths, settings: Settings, lives: LivesFile, log: Log) -> int:
    try:
        os.nice(cls.niceness)
    except PermissionError:
        log.info("runs at normal priority, because a higher one is not allowed here")
    if library := preloaded(os.environ):
        log.warning("a library is preloaded, which may change the clock", library=library)

    async def live() -> int:
        return await cls(paths, settings).live(lives)

    try:
        return run(live())
    except BaseException as error:
        lives.record_end(logs.redact(in_words(error)))
        raise


def _note_supervisor(name: str, paths: Paths, log: Log) -> None:
    """Write our own supervisord's URL and process id for the commands.

    One that runs another process (a shell) is ignored. The process id tells whether the URL is of a supervisord that
    serves this home.
    """
    url = os.environ.get("SUPERVISOR_SERVER_URL")
    if not url or os.environ.get("SUPERVISOR_PROCESS_NAME") != name:
        return
    notes = ((paths.supervisor_file, url.encode()), (paths.supervisor_pid_file, str(os.getppid()).encode()))
    for file, note in notes:
        with contextlib.suppress(OSError):
            if file.read_bytes() == note:
                continue
        try:
            write_atomically(file, note)
        except OSError as error:
            log.warning("cannot write supervisord's address for the commands", error=str(error))


# --- waiting -------------------------------------------------------------------------------------------


def _supervised() -> bool:
    return "SUPERVISOR_ENABLED" in os.environ


def _slowly(over: Callable[[], bool]) -> None:
    """Under supervisord, delay the exit until `over` or for `SLOWLY_S`. A signal ends the wait at once."""
    until = time.monotonic() + SLOWLY_S
    while _supervised() and time.monotonic() < until and not over():
        time.sleep(BEAT_S / 4)


def _locked(run: Path, name: str) -> bool:
    with contextlib.suppress(OSError), only_one(run, name) as alone:
        return not alone
    return True


def running_workers(run: Path) -> list[str]:
    """Return the names of the workers that run in a home, under supervisord or not."""
    return sorted(file.stem for file in run.glob("*.lock") if _locked(run, file.stem))


def _unsettled(name: str, paths: Paths, lives: LivesFile, error: Exception, wait_s: float, log: Log) -> int:  # noqa: PLR0913, PLR0917
    """Report unusable settings until they change or the wait is over."""
    remedy = error.remedy if isinstance(error, PartylineError) else f"Check {paths.settings_file}."
    log.error("cannot start", error=str(error), remedy=remedy)
    lives.record_end(logs.redact(in_words(error)))
    if _supervised():
        seen = _stamp(paths.settings_file)
        problem = (f"{name} cannot start: {logs.redact(in_words(error))}", remedy)
        if not _hold(name, paths, "worker.settings", problem, wait_s, lambda: _stamp(paths.settings_file) != seen):
            lives.record_clean_end()
    return EXIT_SETTINGS


def _stamp(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _hold_back(name: str, paths: Paths, lives: LivesFile, wait_s: float, put_off_s: float, log: Log) -> bool:  # noqa: PLR0913, PLR0917
    message, remedy = keeps_ending(name, lives.now)
    if put_off_s > wait_s:
        message, remedy = start_put_off(name, put_off_s)
    elif lives.now.short < FREE_SHORT_RUNS:  # the record cannot be written, so this may or may not be a crash loop
        message, remedy = f"{name} cannot note its starts in {paths.run}.", "Check the disk, and that folder."
    wait_s = max(wait_s, put_off_s)
    log.warning("held back", wait_s=wait_s, times=lives.now.times, last=lives.now.why)
    take_start_request(paths.run, name)  # of an earlier wait
    goes_on = _hold(name, paths, ENDS, (message, remedy), wait_s, lambda: take_start_request(paths.run, name))
    if goes_on:
        lives.record_begin()
    return goes_on


def _hold(  # noqa: PLR0913, PLR0917
    name: str, paths: Paths, code: str, words: tuple[str, str], wait_s: float, over: Callable[[], bool]
) -> bool:
    """Send heartbeats and a problem for `wait_s` seconds or until `over`. Return False when asked to stop."""
    return asyncio.run(_held(name, paths, code, words, time.monotonic() + wait_s, over))


async def _held(  # noqa: PLR0913, PLR0917
    name: str, paths: Paths, code: str, words: tuple[str, str], until: float, over: Callable[[], bool]
) -> bool:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    bus = Bus(name, paths.run)
    heartbeat = Heartbeat(name, bus)
    await bus.start()
    try:
        bus.publish(Problem(worker=name, code=code, message=words[0], remedy=words[1], at=time.time()))
        while (left := until - time.monotonic()) > 0 and not over():
            heartbeat.set("starting", f"{HELD_BACK} {left:.0f} s before it tries again: {words[0]}")
            heartbeat.beat()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, BEAT_S)):
                    await stopping.wait()
                    return False
        return True
    finally:
        await bus.close()
