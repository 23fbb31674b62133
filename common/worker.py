"""A worker's life: settings, lock, signals, logs, heartbeat, problems, an orderly stop within 5 s.

A worker subclasses `Worker`, does its job in `run`, and ends with `main(TheWorker)`::

    class Auth(Worker):
        name = "auth"

        async def run(self) -> None:
            self.bus.serve(AccessToken, self._access_token)
            self.set_health("running")
            await self.stopping.wait()

        async def stop(self) -> None: ...      # optional: tidy up, within STOP_S seconds
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import fcntl
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, ClassVar

import structlog

from common import logs
from common.bus import Bus
from common.errors import BusUnreachableError, PartylineError, SettingsError
from common.messages import Health, Problem, WireFact, WorkerHealth
from common.paths import Paths, write_atomically
from common.problems import Problems
from common.settings import load
from common.tables import Settings
from common.watchdog import Watchdog

STOP_S = 4.5
"""What `stop` may take; at 5 s the process is gone in any case."""
BEAT_S = 1.0
HUNG_S = 15.0
"""An event loop that has not beaten for so long is dumped and ended; supervisord starts it anew."""
EXIT_SETTINGS = 78
EXIT_RUNNING = 75
EXIT_HUNG = 70


class Worker:
    """What a process does besides its job."""

    name: ClassVar[str]
    niceness: ClassVar[int] = 0
    """Added to the process' nice value: what is not time-critical gives way to media and audio.

    A negative one is a wish: only root (or RLIMIT_NICE) may; it is done without elsewhere.
    """

    def __init__(self, paths: Paths, settings: Settings) -> None:
        self.paths = paths
        self.settings = settings
        self.log: structlog.stdlib.BoundLogger = structlog.get_logger(self.name).bind(worker=self.name)
        self.bus = Bus(self.name, paths.run)
        self.stopping = asyncio.Event()
        self.facts: dict[str, str] = {}
        self._health: Health = "starting"
        self._detail = ""
        self._started_at = time.time()
        self._problems = Problems(self.name)
        self._wire_facts: dict[str, str] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._failure: BaseException | None = None
        self._watchdog = Watchdog(HUNG_S, BEAT_S, time.monotonic())

    async def run(self) -> None:
        """Do the job until `self.stopping` is set."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Tidy up: called once after `run` ended or was cancelled, while the bus is still open."""

    # --- what the job may use --------------------------------------------------------------------

    def spawn(self, job: Coroutine[Any, Any, Any], name: str = "") -> asyncio.Task[Any]:
        """Run `job` beside `run`; should it fail, the worker says so, stops, and supervisord restarts it."""
        task = asyncio.create_task(job, name=name or None)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def set_health(self, state: Health, detail: str = "") -> None:
        if (state, detail) != (self._health, self._detail):
            self._health, self._detail = state, detail
            self.log.info("health", state=state, detail=detail)
            self._beat()

    def problem(self, code: str, message: str, remedy: str, *, anew: bool = True, **more: Any) -> None:
        """Count, log and publish that something went wrong (see `Problem`). `more`: severity, reference_id.

        Not `anew`: it is still the same as before, whatever the message says of it now, and is not counted again.
        """
        problem = self._problems.raise_(code, logs.redact(message), remedy, now=time.time(), anew=anew, **more)
        if problem is not None:
            self.log.warning("problem", code=code, message=problem.message, remedy=remedy, count=problem.count, **more)
            self.bus.publish(problem)

    def problem_of(self, error: PartylineError, **more: Any) -> None:
        self.problem(error.code, error.message, error.remedy, reference_id=error.reference_id, **more)

    def solved(self, code: str) -> None:
        """Take back a problem, if it stands."""
        if self._problems.clear(code):
            self.log.info("solved", code=code)
            self.bus.clear(Problem, f"{self.name}.{code}")

    def fact(self, name: str, value: str, detail: str = "") -> None:
        """Publish how an undecided fact of Sony's wire falls (see `WireFact`), when that is news."""
        if self._wire_facts.get(name) != value:
            self._wire_facts[name] = value
            self.bus.publish(WireFact(name=name, value=value, worker=self.name, detail=detail, at=time.time()))

    def problem_count(self, code: str) -> int:
        return self._problems.count(code)

    # --- the frame -------------------------------------------------------------------------------

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or task.exception() is None:
            return
        self._failure = task.exception()
        self.log.error("a task failed", task=task.get_name(), exc_info=task.exception())
        self.stopping.set()

    def _beat(self) -> None:
        self._watchdog.beat(time.monotonic())
        usage = resource.getrusage(resource.RUSAGE_SELF)
        self.bus.publish(
            WorkerHealth(
                worker=self.name,
                pid=os.getpid(),
                boot=self.bus.boot,
                state=self._health,
                detail=self._detail,
                started_at=self._started_at,
                beat_at=time.time(),
                rss_bytes=_rss_bytes(usage),
                cpu_seconds=usage.ru_utime + usage.ru_stime,
                facts=self.facts,
            )
        )

    async def _heart(self) -> None:
        parent = os.getppid()
        while True:
            self._beat()
            await asyncio.sleep(BEAT_S)
            if "SUPERVISOR_ENABLED" in os.environ and os.getppid() != parent:
                self.log.warning("supervisord is gone: stopping")
                self.stopping.set()

    async def _forget_old_problems(self) -> None:
        """Clear what a former run, killed before it could, left standing on the bus."""
        try:
            left = await self.bus.snapshot(f"{Problem.TOPIC}/{self.name}.", wait_s=5.0)
        except BusUnreachableError:
            return  # no broker, and so nothing that it keeps
        for received in left:
            code = received.key.removeprefix(f"{self.name}.")
            if received.header.boot != self.bus.boot and not self._problems.stands(code):
                self.bus.clear(Problem, received.key)

    async def _live(self) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop, number)
        await self.bus.start()
        heart = asyncio.create_task(self._heart())
        self.spawn(self._forget_old_problems(), "old problems")
        threading.Thread(target=self._watch, daemon=True).start()
        job = asyncio.create_task(self.run())
        stopping = asyncio.create_task(self.stopping.wait())
        await asyncio.wait({job, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if job.done() and not job.cancelled() and job.exception():
            self._failure = job.exception()
            self.log.error("the worker failed", exc_info=job.exception())
        await self._wind_up(job)
        heart.cancel()
        stopping.cancel()
        await self.bus.close()
        return 1 if self._failure else 0

    async def _wind_up(self, job: asyncio.Task[None]) -> None:
        threading.Thread(target=_end_hard, args=(STOP_S + 0.5,), daemon=True).start()
        self.set_health("stopping")
        try:
            async with asyncio.timeout(STOP_S):
                await self.stop()
        except TimeoutError:
            self.log.warning("stop took too long", limit_s=STOP_S)
        except Exception:
            self.log.exception("stop failed")
        job.cancel()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(job, *self._tasks, return_exceptions=True)

    def _asked_to_stop(self, number: int) -> None:
        self.log.info("asked to stop", signal=signal.Signals(number).name)
        self.stopping.set()

    def _watch(self) -> None:
        """From a thread of its own: notice that the event loop hangs, say where, and end."""
        while True:
            time.sleep(BEAT_S)
            if self._watchdog.hung(time.monotonic()):
                sys.stderr.write(f'{{"worker": "{self.name}", "event": "hung: stack follows"}}\n')
                faulthandler.dump_traceback(all_threads=True)
                os._exit(EXIT_HUNG)


def _rss_bytes(usage: resource.struct_rusage) -> int:
    """Return the resident memory now (Linux), elsewhere the peak, which getrusage tells in bytes on a Mac."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return usage.ru_maxrss  # not run on a Mac yet
    return pages * resource.getpagesize()


def _end_hard(after_s: float) -> None:
    time.sleep(after_s)
    faulthandler.dump_traceback(all_threads=True)
    os._exit(EXIT_HUNG)


@contextlib.contextmanager
def only_one(run: Path, name: str) -> Iterator[bool]:
    """Hold the lock of worker `name`; yields False when another process has it. Ends with the process."""
    with (run / f"{name}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def main(cls: type[Worker]) -> None:
    """Run the worker of this process; exit 0 after a stop, 1 after a fault, 75 if it runs already, 78 on settings."""
    faulthandler.enable()
    paths = Paths.of_environment()
    log = logs.setup(cls.name)
    try:
        paths.make()
        settings = load(paths)
    except (SettingsError, OSError) as error:
        remedy = getattr(error, "remedy", "Check $PARTYLINE_HOME.")
        log.error("cannot start", error=str(error), remedy=remedy)  # noqa: TRY400  # a sentence, not a traceback
        sys.exit(EXIT_SETTINGS)
    logs.setup(cls.name, settings.log.level)
    logs.remember(settings.psn.client_secret)
    with only_one(paths.run, cls.name) as alone:
        if not alone:
            log.error(
                "already running in this home",
                home=str(paths.home),
                remedy="Stop the other one: `partyline down`.",
            )
            sys.exit(EXIT_RUNNING)
        sys.exit(_main(cls, paths, settings, log))


def _main(cls: type[Worker], paths: Paths, settings: Settings, log: structlog.stdlib.BoundLogger) -> int:
    try:
        os.nice(cls.niceness)
    except PermissionError:
        log.info("runs at the usual priority: a higher one is not allowed here")
    if url := os.environ.get("SUPERVISOR_SERVER_URL"):
        write_atomically(paths.supervisor_file, url.encode())

    async def live() -> int:
        return await cls(paths, settings)._live()  # noqa: SLF001

    return asyncio.run(live())
