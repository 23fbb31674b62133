"""The broker. It forwards the control plane and keeps the last value of every retained message.

It starts first and stops last, so it also stops a pipeline whose foreground command was killed, and publishes the
problems of workers that cannot.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path

from common.basic.clock import preloaded
from common.bus import Forwarder
from common.config.tables import Settings
from common.errors import BadMessageError, SupervisorError
from common.files.paths import Paths
from common.log import last_words
from common.messages import WorkerHealth, wire
from common.run import foreground
from common.run.supervisor import Process, Supervisor
from common.run.worker import Worker
from workers.broker import liveness
from workers.broker.liveness import LivenessCheck

FACTS_S = 1.0
FOREGROUND_S = 1.0
"""How often the foreground command is looked for. It may be gone for this long before the pipeline stops."""
BAD_MESSAGE = "broker.bad-message"
MISSING = "worker.missing."
"""Problem codes of missing workers begin with this. The worker's name follows."""


class Broker(Worker):
    name = "broker"
    niceness = 5
    needs_settings = False  # without a broker, no worker could report what is wrong with the settings

    def __init__(self, paths: Paths, settings: Settings) -> None:
        super().__init__(paths, settings)
        self._liveness = LivenessCheck()
        self._missing: set[str] = set()
        """Codes of the open problems of missing workers."""

    async def setup(self) -> None:
        forwarder = Forwarder(self.paths.run)
        self.spawn(forwarder.run(), "forwarder")
        self.spawn(self._stop_with_the_foreground(), "foreground")
        self.spawn(self._check_workers(forwarder), "liveness")
        self.spawn(self._publish_figures(forwarder), "figures")
        self.set_health("running")
        self._check_clock()

    def _check_clock(self) -> None:
        library = preloaded(os.environ)
        if "faketime" in library.lower():
            self.publish_problem(
                "worker.clock",
                f"A library that changes the clock is preloaded ({library}). Durations and waits may be wrong.",
                "Unset these variables. Then restart the pipeline with `partyline down` and `partyline up`.",
                severity="note",
            )

    async def _publish_figures(self, forwarder: Forwarder) -> None:
        while True:
            await asyncio.sleep(FACTS_S)
            self.facts = {"forwarded": str(forwarder.forwarded), "malformed": str(forwarder.bad)}
            if forwarder.bad > self.problem_count(BAD_MESSAGE):
                self.publish_problem(
                    BAD_MESSAGE,
                    "A process published a message that this version does not know.",
                    "Restart all workers, so that they have the same version. The broker's log names the sender.",
                    severity="warning",
                    new_occurrence=True,
                )

    async def _check_workers(self, forwarder: Forwarder) -> None:
        """Publish the problems of workers that cannot do so themselves."""
        url = os.environ.get("SUPERVISOR_SERVER_URL")
        if not url or os.environ.get("SUPERVISOR_PROCESS_NAME") != self.name:
            return  # not started by supervisord, or from a shell that was
        supervisor = Supervisor(url)
        while True:
            await asyncio.sleep(liveness.CHECK_S)
            try:
                processes = await asyncio.to_thread(supervisor.processes)
            except SupervisorError:
                continue  # it is stopping everything, or is busy
            missing = self._liveness.check(processes, _heartbeats(forwarder))
            for process in processes:
                await self._publish_liveness(process, missing.get(process.name))

    async def _publish_liveness(self, process: Process, missing: liveness.Missing | None) -> None:
        code = f"{MISSING}{process.name}"
        if missing:
            last = await asyncio.to_thread(last_words.of_log, Path(process.log))
            self.publish_problem(code, *liveness.problem_text(process, missing, last))
            self._missing.add(code)
        elif code in self._missing and (process.finished or process.state in {"RUNNING", "STOPPED"}):
            self.clear_problem(code)

    async def _stop_with_the_foreground(self) -> None:
        """Have supervisord stop everything, session first, if the command that started it in the foreground died."""
        supervisord = os.getppid()
        while "SUPERVISOR_ENABLED" in os.environ:
            await asyncio.sleep(FOREGROUND_S)
            if foreground.abandoned(self.paths.run, supervisord) and os.getppid() == supervisord:
                self.log.warning("the foreground command is gone: stopping the pipeline")
                os.kill(supervisord, signal.SIGTERM)
                return


def _heartbeats(forwarder: Forwarder) -> dict[str, tuple[str, float]]:
    beats = {}
    for frames in forwarder.store.matching(f"{WorkerHealth.TOPIC}/"):
        with contextlib.suppress(BadMessageError):
            received = wire.decode(list(frames))
            if isinstance(received.message, WorkerHealth):
                beats[received.key] = received.message.boot, received.message.beat_s
    return beats
