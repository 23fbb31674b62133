"""The base class of workers: signals, heartbeat, problems, an orderly stop within 5 s.

A worker subclasses `Worker`, and its `__main__` ends with `common.run.process.main(TheWorker)`::

    class Auth(Worker):
        name = "auth"

        def __init__(self, paths: Paths, settings: Settings) -> None: ...  # every attribute; no I/O but state files

        async def setup(self) -> None:         # what needs the event loop or the bus
            self.bus.serve(AccessToken, self._serve_access_token)
            self.spawn(self._renewal.run(), "renew the token")

        async def run(self) -> None: ...       # optional: the job itself, until `self.stopping` is set

        async def stop(self) -> None: ...      # optional: clean up, within STOP_S seconds
"""

from __future__ import annotations

import asyncio
import errno
import faulthandler
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Coroutine
from typing import Any, ClassVar

import structlog

from common.basic.clock import boot_s
from common.bus import Bus
from common.config.tables import Settings
from common.errors import BusUnreachableError, PartylineError
from common.files.paths import Paths
from common.files.state import SET_ASIDE
from common.files.unsaved import UNSAVED
from common.log import logs
from common.messages import Health, Problem, WireFact
from common.run.heartbeat import beat
from common.run.lives import FREE, LivesFile, words
from common.run.problems import Problems
from common.run.watchdog import Watchdog

STOP_S = 4.5
"""Time limit of `stop`. At 5 s the process is killed."""
BEAT_S = 1.0
HUNG_S = 15.0
"""Time without a heartbeat after which the stack is dumped and the process ended. supervisord restarts it."""
EXIT_HUNG = 70
"""Exit code of a hung event loop, and of a lack of file descriptors."""
ENDS = "worker.ends"
DISK = "worker.disk"
STATE = "worker.state"


class Worker:
    """The base class of workers."""

    name: ClassVar[str]
    needs_settings: ClassVar[bool] = True
    """Whether invalid settings keep it from running. Otherwise it runs with the defaults."""
    calls_sony: ClassVar[bool] = False
    """Whether a start calls PlayStation's servers. Starts then have a budget (`common.run.lives`)."""
    niceness: ClassVar[int] = 0
    """Added to the process' nice value, so that less time-critical workers yield to media and audio.

    A negative value needs root or RLIMIT_NICE. Without them, the worker runs at normal priority.
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
        self._started_at, self._began_s = time.time(), boot_s()
        self._problems = Problems(self.name)
        self._wire_facts: dict[str, str] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_set_up = False
        self._failure: BaseException | None = None
        self._watchdog = Watchdog(HUNG_S, BEAT_S, time.monotonic())
        self._descriptors = Descriptors()
        self._lives: LivesFile | None = None
        self._last_end = ""
        self._disk: tuple[str, str] | None = None
        self._retrying: asyncio.Task[None] | None = None

    async def setup(self) -> None:
        """Serve requests, subscribe, start tasks. Called once, before `run`. A failure ends the worker."""

    async def run(self) -> None:
        """Do the job until `self.stopping` is set. Called after `setup`."""
        await self.stopping.wait()

    async def stop(self) -> None:
        """Clean up, while the bus is still open. Called once, if `setup` had finished, before `run` is cancelled."""

    # --- for subclasses --------------------------------------------------------------------------

    def spawn(self, job: Coroutine[Any, Any, Any], name: str = "") -> asyncio.Task[Any]:
        """Run `job` beside `run`. If it fails, the worker logs that and stops, and supervisord restarts it."""
        task = asyncio.create_task(job, name=name or None)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def set_health(self, state: Health, detail: str = "") -> None:
        if (state, detail) != (self._health, self._detail):
            self._health, self._detail = state, detail
            self.log.info("health", state=state, detail=detail)
            self._beat()

    def publish_problem(
        self, code: str, message: str, remedy: str, *, new_occurrence: bool = False, **more: Any
    ) -> None:
        """Count, log and publish a problem (see `Problem`). `more`: severity, reference_id.

        An open problem is counted again only for a new occurrence. Its words may change at any time.
        """
        now, clock = time.time(), time.monotonic()
        problem = self._problems.raise_(
            code, logs.redact(message), remedy, now=now, clock=clock, new_occurrence=new_occurrence, **more
        )
        if problem is not None:
            self._publish_problem(problem)

    def publish_error(self, error: PartylineError, **more: Any) -> None:
        """Publish a problem made from `error`, like `publish_problem`."""
        self.publish_problem(error.code, error.message, error.remedy, reference_id=error.reference_id, **more)

    def clear_problem(self, code: str) -> None:
        """Clear a problem, if it is open."""
        if self._problems.clear(code):
            self.log.info("solved", code=code)
            self.bus.clear(Problem, f"{self.name}.{code}")

    def publish_fact(self, name: str, value: str, detail: str = "") -> None:
        """Publish the observed value of an open protocol fact (see `WireFact`), if it changed."""
        if self._wire_facts.get(name) != value:
            self._wire_facts[name] = value
            self.bus.publish(WireFact(name=name, value=value, worker=self.name, detail=detail, at=time.time()))

    @property
    def last_end(self) -> str:
        """What ended the last run of this worker, if it ended soon after its start. Otherwise empty."""
        return self._last_end

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

    def _publish_problem(self, problem: Problem) -> None:
        more = {"reference_id": problem.reference_id} if problem.reference_id else {}
        self.log.warning(
            "problem",
            code=problem.code,
            message=problem.message,
            remedy=problem.remedy,
            count=problem.count,
            severity=problem.severity,
            **more,
        )
        self.bus.publish(problem)

    def _beat(self) -> None:
        self._watchdog.beat(time.monotonic())
        self.bus.publish(
            beat(self.name, self.bus.boot, self._health, self._detail, self._started_at, self._began_s, self.facts)
        )

    async def _heart(self) -> None:
        parent = os.getppid()
        while True:
            self._beat()
            self._look_after_itself()
            await asyncio.sleep(BEAT_S)
            if "SUPERVISOR_ENABLED" in os.environ and os.getppid() != parent:
                self.log.warning("supervisord is gone: stopping")
                self.stopping.set()

    def _look_after_itself(self) -> None:
        """Check what concerns every worker, once a second."""
        if self._descriptors.run_out():
            self.log.error("out of file descriptors", limit=resource.getrlimit(resource.RLIMIT_NOFILE)[0])
            self._note_end("it ran out of file descriptors")
            os._exit(EXIT_HUNG)
        for problem in self._problems.late(time.monotonic()):
            self._publish_problem(problem)
        if self._retrying is None and UNSAVED.due():
            self._retrying = self.spawn(self._save_what_waits(), "save what waits")
        trouble = UNSAVED.words()
        if trouble is None:
            self.clear_problem(DISK)
        elif trouble != self._disk:
            self.publish_problem(DISK, *trouble)
        self._disk = trouble
        for file, message in SET_ASIDE.take():
            remedy = "partyline starts without its contents. Nothing else is affected."
            self.publish_problem(f"{STATE}.{file.name}", message, remedy, severity="warning")
        if self._lives is not None and self._lives.lasted():
            self.clear_problem(ENDS)

    async def _save_what_waits(self) -> None:
        try:
            await asyncio.to_thread(UNSAVED.retry)  # a slow disk must not interrupt the sound
        finally:
            self._retrying = None

    def use_lives(self, lives: LivesFile) -> None:
        """Set the record of this worker's runs. A worker that keeps ending has a problem until it has lasted."""
        self._lives, self._last_end = lives, lives.now.why
        if lives.now.short >= FREE:
            self.publish_problem(ENDS, *words(self.name, lives.now))

    def _note_end(self, why: str) -> None:
        if self._lives is not None:
            self._lives.ends(logs.redact(why))

    async def _forget_old_problems(self) -> None:
        """Clear open problems of an earlier run that was killed before it could clear them."""
        try:
            left = await self.bus.snapshot(f"{Problem.TOPIC}/{self.name}.", wait_s=5.0)
        except BusUnreachableError:
            return  # no broker, so no retained problems
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
        job = asyncio.create_task(self._work())
        stopping = asyncio.create_task(self.stopping.wait())
        await asyncio.wait({job, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if job.done() and not job.cancelled() and job.exception():
            self._failure = job.exception()
            self.log.error("the worker failed", exc_info=job.exception())
        await self._wind_up(job)
        heart.cancel()
        stopping.cancel()
        await self.bus.close()
        if self._failure is None:
            if self._lives is not None:
                self._lives.ends_well()
            return 0
        self._note_end(in_words(self._failure))
        return 1

    async def _work(self) -> None:
        await self.setup()
        self._is_set_up = True
        await self.run()

    async def _wind_up(self, job: asyncio.Task[None]) -> None:
        threading.Thread(target=_end_hard, args=(STOP_S + 0.5,), daemon=True).start()
        self.set_health("stopping")
        try:
            async with asyncio.timeout(STOP_S):
                if self._is_set_up:
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
        """End the process if the event loop hangs, after a dump of its stack. Runs in its own thread."""
        while True:
            time.sleep(BEAT_S)
            if self._watchdog.hung(time.monotonic()):
                sys.stderr.write(f'{{"worker": "{self.name}", "event": "hung: stack follows"}}\n')
                faulthandler.dump_traceback(all_threads=True)
                self._note_end(f"it hung for {HUNG_S:.0f} s (the log shows where)")
                os._exit(EXIT_HUNG)


class Descriptors:
    """A check for exhausted file descriptors, made each second. Two failures in a row are not a mere peak.

    Without descriptors, libzmq aborts the process at the next connection, or the worker goes on unreachable.
    """

    def __init__(self) -> None:
        self._missing = 0

    def run_out(self) -> bool:
        try:
            os.close(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
        except OSError as error:
            self._missing = self._missing + 1 if error.errno in (errno.EMFILE, errno.ENFILE) else 0
        else:
            self._missing = 0
        return self._missing >= 2


def in_words(error: BaseException) -> str:
    """Return one line for the user about an exception that ended a worker."""
    return error.message if isinstance(error, PartylineError) else f"{type(error).__name__}: {error}".rstrip(": ")


def _end_hard(after_s: float) -> None:
    time.sleep(after_s)
    faulthandler.dump_traceback(all_threads=True)
    os._exit(EXIT_HUNG)
