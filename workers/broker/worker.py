"""broker: forwards the control plane and keeps the last value of every retained message.

It is the first to run and the last to end, so it is also the one that ends a pipeline whose foreground was killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path

from common import wire
from common.basic.clock import preloaded
from common.bus import Forwarder
from common.errors import BadMessageError, SupervisorError
from common.log import last_words
from common.messages import WorkerHealth
from common.run import foreground
from common.run.supervisor import Process, Supervisor
from common.run.worker import Worker
from workers.broker import liveness


class Broker(Worker):
    name = "broker"
    niceness = 5
    needs_settings = False  # without it the others could not say what is wrong with the settings

    async def run(self) -> None:
        self.spawn(self._end_with_the_foreground(), "foreground")
        forwarder = Forwarder(self.paths.run)
        self.spawn(forwarder.run(), "forwarder")
        self.spawn(self._call_the_roll(forwarder), "roll")
        self.set_health("running")
        if "faketime" in (library := preloaded(os.environ)).lower():
            self.publish_problem(
                "worker.clock",
                f"A library that changes the clock is preloaded ({library}): durations and waits may be wrong.",
                "Start the pipeline without it: unset these variables, then `partyline down` and `partyline up`.",
                severity="note",
            )
        while not self.stopping.is_set():
            await asyncio.sleep(1)
            self.facts = {"forwarded": str(forwarder.forwarded), "malformed": str(forwarder.bad)}
            if forwarder.bad > self.problem_count("broker.bad-message"):
                self.publish_problem(
                    "broker.bad-message",
                    "A process put something on the bus that is no message of this version.",
                    "Restart all workers, so that they are of one version; the broker's log names the sender.",
                    severity="warning",
                    new_occurrence=True,
                )

    async def _call_the_roll(self, forwarder: Forwarder) -> None:
        """Tell of workers that cannot tell by themselves that they are not there."""
        url = os.environ.get("SUPERVISOR_SERVER_URL")
        if not url or os.environ.get("SUPERVISOR_PROCESS_NAME") != self.name:
            return  # nobody's, or that of somebody's shell
        supervisor, called, told = Supervisor(url), liveness.LivenessCheck(), set[str]()
        while not self.stopping.is_set():
            await asyncio.sleep(liveness.EVERY_S)
            try:
                processes = await asyncio.to_thread(supervisor.processes)
            except SupervisorError:
                continue  # it stops everything just now, or is busy
            missing = called.check(processes, _beats(forwarder))
            for process in processes:
                code = f"worker.missing.{process.name}"
                if how := missing.get(process.name):
                    await self._tell_of(process, how, code)
                    told.add(code)
                elif code in told and (process.finished or process.state in {"RUNNING", "STOPPED"}):
                    self.clear_problem(code)

    async def _tell_of(self, process: Process, how: liveness.Missing, code: str) -> None:
        last = await asyncio.to_thread(last_words.of_log, Path(process.log))
        self.publish_problem(code, *liveness.problem_text(process, how, last))

    async def _end_with_the_foreground(self) -> None:
        """Have supervisord stop everything, session first, when the command that started it in the foreground died."""
        supervisord = os.getppid()
        while "SUPERVISOR_ENABLED" in os.environ:
            await asyncio.sleep(1)
            if foreground.abandoned(self.paths.run, supervisord) and os.getppid() == supervisord:
                self.log.warning("the foreground is gone: stopping the pipeline")
                os.kill(supervisord, signal.SIGTERM)
                return


def _beats(forwarder: Forwarder) -> dict[str, tuple[str, float]]:
    beats = {}
    for frames in forwarder.store.matching(f"{WorkerHealth.TOPIC}/"):
        with contextlib.suppress(BadMessageError):
            received = wire.decode(list(frames))
            if isinstance(received.message, WorkerHealth):
                beats[received.key] = received.message.boot, received.message.beat_s
    return beats
