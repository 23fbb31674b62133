"""What runs a worker: signals, one beat a second, its tasks, an orderly stop within 5 s, and hard ends."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Coroutine
from typing import Any, Protocol

import structlog

from common.basic.clock import boot_s
from common.errors import PartylineError
from common.log import logs
from common.messages import Health
from common.run.descriptors import Descriptors
from common.run.heartbeat import BEAT_S
from common.run.lives import LivesFile
from common.run.wake import Wake, WakeDetector
from common.run.watchdog import Watchdog

STOP_S = 4.5
"""Time limit of `Job.stop`. At 5 s the process is killed."""
HUNG_S = 15.0
"""Time without a heartbeat after which the stack is dumped and the process ended. supervisord restarts it."""
EXIT_HUNG = 70
"""Exit code of a hung event loop, and of a lack of file descriptors."""


class WorkerJob(Protocol):
    """What a `JobRunner` runs, a worker."""

    async def setup(self) -> None: ...

    async def run(self) -> None: ...

    async def stop(self) -> None: ...

    def set_health(self, state: Health, detail: str = "") -> None: ...

    def beat(self) -> None:
        """Publish the heartbeat, and check what concerns every worker. Called once a second."""
        ...

    def on_wake(self, wake: Wake) -> None:
        """Handle that the machine slept or this process was stopped. Called once for each time, before `beat`."""
        ...


class JobRunner:
    """One run of a worker in this process. `stopping` ends it."""

    def __init__(self, name: str, log: structlog.stdlib.BoundLogger, stopping: asyncio.Event) -> None:
        self._name = name
        self._log = log
        self._stopping = stopping
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_set_up = False
        self._failure: BaseException | None = None
        self._watchdog = Watchdog(HUNG_S, BEAT_S, time.monotonic())
        self._wakes = WakeDetector(BEAT_S, boot_s(), time.monotonic())
        self._descriptors = Descriptors()
        self._lives: LivesFile | None = None

    def spawn(self, job: Coroutine[Any, Any, Any], name: str = "") -> asyncio.Task[Any]:
        """Run `job` as a task. If it fails, the failure is logged and the run ends."""
        task = asyncio.create_task(job, name=name or None)
        self._tasks.add(task)
        task.add_done_callback(self._on_task_done)
        return task

    async def live(self, job: WorkerJob, lives: LivesFile) -> None:
        """Run `job` until it ends, fails or is stopped. Hard ends are recorded in `lives`, others by `finish`."""
        self._lives = lives
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal, number)
        beating = asyncio.create_task(self._beat(job))
        threading.Thread(target=self._watch, daemon=True).start()
        working = asyncio.create_task(self._work(job))
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if working.done() and not working.cancelled() and working.exception():
            self._failure = working.exception()
            self._log.error("the worker failed", exc_info=working.exception())
        await self._wind_up(job, working)
        beating.cancel()
        stopping.cancel()

    def finish(self) -> int:
        """Record how the run ended. Return the exit code."""
        if self._failure is not None:
            self._record_end(in_words(self._failure))
            return 1
        if self._lives is not None:
            self._lives.record_clean_end()
        return 0

    def check_wake(self, job: WorkerJob) -> None:
        """Report a wake to the job, once it is set up. A job that cannot handle it ends and is restarted."""
        wake = self._wakes.beat(boot_s(), time.monotonic())
        if wake is None:
            return
        self._log.info("awake again", away_s=round(wake.away_s, 1), slept=wake.slept)
        if not self._is_set_up or self._stopping.is_set():
            return
        try:
            job.on_wake(wake)
        except Exception as error:  # noqa: BLE001  # as with a task that fails
            self._failure = error
            self._log.exception("the wake could not be handled")
            self._stopping.set()

    async def _work(self, job: WorkerJob) -> None:
        await job.setup()
        self._is_set_up = True
        await job.run()

    async def _wind_up(self, job: WorkerJob, working: asyncio.Task[None]) -> None:
        threading.Thread(target=_end_hard, args=(STOP_S + 0.5,), daemon=True).start()
        job.set_health("stopping")
        try:
            async with asyncio.timeout(STOP_S):
                if self._is_set_up:
                    await job.stop()
        except TimeoutError:
            self._log.warning("stop took too long", limit_s=STOP_S)
        except Exception:  # noqa: BLE001  # a failed stop must not keep the rest from ending
            self._log.exception("stop failed")
        working.cancel()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(working, *self._tasks, return_exceptions=True)

    async def _beat(self, job: WorkerJob) -> None:
        parent = os.getppid()
        while True:
            self._watchdog.beat(time.monotonic())
            self.check_wake(job)
            if self._descriptors.run_out():
                self._log.error("out of file descriptors", limit=resource.getrlimit(resource.RLIMIT_NOFILE)[0])
                self._record_end("it ran out of file descriptors")
                os._exit(EXIT_HUNG)
            job.beat()
            await asyncio.sleep(BEAT_S)
            if "SUPERVISOR_ENABLED" in os.environ and os.getppid() != parent:
                self._log.warning("supervisord is gone: stopping")
                self._stopping.set()

    def _on_signal(self, number: int) -> None:
        self._log.info("asked to stop", signal=signal.Signals(number).name)
        self._stopping.set()

    def _on_task_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or task.exception() is None:
            return
        self._failure = task.exception()
        self._log.error("a task failed", task=task.get_name(), exc_info=task.exception())
        self._stopping.set()

    def _watch(self) -> None:
        """End the process if the event loop hangs, after a dump of its stack. Runs in its own thread."""
        while True:
            time.sleep(BEAT_S)
            if self._watchdog.hung(time.monotonic()):
                sys.stderr.write(f'{{"worker": "{self._name}", "event": "hung: stack follows"}}\n')
                faulthandler.dump_traceback(all_threads=True)
                self._record_end(f"it hung for {HUNG_S:.0f} s (the log shows where)")
                os._exit(EXIT_HUNG)

    def _record_end(self, why: str) -> None:
        if self._lives is not None:
            self._lives.record_end(logs.redact(why))


def in_words(error: BaseException) -> str:
    """Return one line for the user about an exception that ended a worker."""
    return error.message if isinstance(error, PartylineError) else f"{type(error).__name__}: {error}".rstrip(": ")


def _end_hard(after_s: float) -> None:
    time.sleep(after_s)
    faulthandler.dump_traceback(all_threads=True)
    os._exit(EXIT_HUNG)
