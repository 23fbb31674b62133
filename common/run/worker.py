"""The base class of workers: signals, heartbeat, problems, an orderly stop within 5 s.

A worker subclasses `Worker`, and its `__main__` ends with `common.run.process.main(TheWorker)`::

    class Auth(Worker):
        name = "auth"

        def __init__(self, paths: Paths, settings: Settings) -> None: ...  # every attribute; no I/O but state files

        async def setup(self) -> None:         # what needs the event loop or the bus
            self.bus.serve(AccessToken, self._serve_access_token)
            self.spawn(self._renewal.run(), "renew the token")

        async def run(self) -> None: ...       # optional: the job itself, until `self.stopping` is set

        async def stop(self) -> None: ...      # optional: clean up, within `runner.STOP_S` seconds

        def on_wake(self, wake: Wake) -> None: ...  # optional: what a sleep of this machine has made old
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, ClassVar

import structlog

from common.bus import Bus
from common.config.tables import Settings
from common.errors import PartylineError
from common.files.paths import Paths
from common.messages import Health, WireFact
from common.run.heartbeat import Heartbeat
from common.run.lives import FREE_SHORT_RUNS, LivesFile, keeps_ending
from common.run.reporter import ProblemReporter
from common.run.runner import JobRunner
from common.run.unsaved import UnsavedFiles
from common.run.wake import Wake
from common.system.awake import Awake

ENDS = "worker.ends"


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
        self._job_runner = JobRunner(self.name, self.log, self.stopping)
        self.facts: dict[str, str] = {}
        """In each heartbeat (see `WorkerHealth.facts`)."""
        self.awake = Awake(enabled=settings.system.keep_awake)
        """Keeps the machine from idle sleep while the worker wants that. Released when the worker ends."""
        self._heartbeat = Heartbeat(self.name, self.bus)
        self._problems = ProblemReporter(self.name, self.bus, self.log)
        self._unsaved = UnsavedFiles(self._problems, self.spawn)
        self._wire_facts: dict[str, str] = {}
        self._lives: LivesFile | None = None
        self._last_end = ""

    async def setup(self) -> None:
        """Serve requests, subscribe, start tasks. Called once, before `run`. A failure ends the worker."""

    async def run(self) -> None:
        """Do the job until `self.stopping` is set. Called after `setup`."""
        await self.stopping.wait()

    async def stop(self) -> None:
        """Clean up, while the bus is still open. Called once, if `setup` had finished, before `run` is cancelled."""

    def on_wake(self, wake: Wake) -> None:
        """Handle that the machine slept, or that this process was stopped. Called once for each time, before `beat`.

        It must not wait. Whatever does is for `spawn`.
        """

    # --- for subclasses --------------------------------------------------------------------------

    def spawn(self, job: Coroutine[Any, Any, Any], name: str = "") -> asyncio.Task[Any]:
        """Run `job` beside `run`. If it fails, the worker logs that and stops, and supervisord restarts it."""
        return self._job_runner.spawn(job, name)

    def set_health(self, state: Health, detail: str = "") -> None:
        if self._heartbeat.set(state, detail):
            self.log.info("health", state=state, detail=detail)
            self._heartbeat.beat({**self.facts, **self.awake.facts()})

    def publish_problem(
        self, code: str, message: str, remedy: str, *, new_occurrence: bool = False, **more: Any
    ) -> None:
        """Count, log and publish a problem (see `Problem`). `more`: severity, reference_id.

        An open problem is counted again only for a new occurrence. Its words may change at any time.
        """
        self._problems.publish(code, message, remedy, new_occurrence=new_occurrence, **more)

    def publish_error(self, error: PartylineError, **more: Any) -> None:
        """Publish a problem made from `error`, like `publish_problem`."""
        self.publish_problem(error.code, error.message, error.remedy, reference_id=error.reference_id, **more)

    def clear_problem(self, code: str) -> None:
        """Clear a problem, if it is open."""
        self._problems.clear(code)

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

    # --- for the process -------------------------------------------------------------------------

    async def live(self, lives: LivesFile) -> int:
        """Run this worker until it ends, fails or is stopped. Return the exit code. `lives`: its earlier runs."""
        self._lives, self._last_end = lives, lives.now.why
        if lives.now.short >= FREE_SHORT_RUNS:
            self.publish_problem(ENDS, *keeps_ending(self.name, lives.now))
        await self.bus.start()
        self.spawn(self._problems.clear_of_earlier_run(), "problems of an earlier run")
        await self._job_runner.live(self, lives)
        self.awake.release()
        await self.bus.close()
        return self._job_runner.finish()

    def beat(self) -> None:
        """Publish the heartbeat, and check what concerns every worker. `JobRunner` calls it once a second."""
        self.awake.beat()
        self._heartbeat.beat({**self.facts, **self.awake.facts()})
        self._problems.publish_due()
        self._unsaved.poll()
        if self._lives is not None and self._lives.has_lasted():
            self.clear_problem(ENDS)
