"""The pipeline in the foreground, with progress lines, an optional time limit, and an orderly end."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from cli.pipeline.launch import SupervisordChild, refused
from cli.pipeline.progress import Line, Progress, problem_lines
from cli.pipeline.startup import wait_up
from cli.pipeline.totals import ListeningReport, Totals
from cli.shared import supervisor as supervisors
from cli.shared.bus_state import WATCHED
from cli.shared.connect import open_bus
from cli.shared.failures import CommandError
from common.basic.clock import boot_s
from common.bus import Bus
from common.errors import PartylineError
from common.files.paths import Paths
from common.messages import Problem

UNHEARD_S = 60.0
SUPERVISOR_S = 10.0

END_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

PrintLine = Callable[[Line], None]
Stops = asyncio.Queue[signal.Signals]


class Stopped(Exception):  # noqa: N818  # the way out of listening, not an error
    """A signal of the user or the system ended the command."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(number.name)
        self.number = number


class EndedElsewhere(Exception):  # noqa: N818
    """Another command stopped the pipeline (`partyline down`, supervisorctl)."""


class Foreground:
    """One run of `partyline up --foreground`, also for a pipeline that runs already."""

    def __init__(  # noqa: PLR0913  # what differs between `up` and the service
        self,
        paths: Paths,
        print_line: PrintLine,
        conf: str,
        *,
        fresh: bool,
        quiet: bool = False,
        on_up: Callable[[], list[str]] = list,
    ) -> None:
        """`quiet`: report the start and its failures only, and nothing of the party.

        `on_up` is called in a thread when every worker of a fresh pipeline runs. Its lines are printed.
        """
        self._on_up = on_up
        self._paths = paths
        self._quiet = quiet
        self._print_line = print_line
        self._conf = conf
        self._fresh = fresh
        self._progress = Progress()
        self._totals = Totals(fresh=fresh)
        self._first_voice = asyncio.Event()

    async def run(
        self, child: SupervisordChild | None, stop: Stops, listen_s: float, unheard_s: float = UNHEARD_S
    ) -> ListeningReport:
        """Watch the pipeline for ever, or for `listen_s` seconds from the first voice on. Return the report.

        Raises `Stopped`, `EndedElsewhere`, or `CommandError` if nobody is heard or supervisord fails.
        """
        async with open_bus(self._paths) as bus:
            listening = asyncio.create_task(self._listen(listen_s, unheard_s))
            beside = [self._check_workers(bus), _raise_on(stop)]
            if not self._quiet:
                beside.append(self._subscribe(bus))
            if child:
                beside.append(_raise_at_end(child))
            jobs = [listening, *(asyncio.create_task(job) for job in beside)]
            try:
                finished, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
                for job in finished - {listening}:
                    job.result()
                return listening.result()
            finally:
                for job in jobs:
                    job.cancel()
                await asyncio.gather(*jobs, return_exceptions=True)

    async def _subscribe(self, bus: Bus) -> None:
        subscription = bus.subscribe(*WATCHED)
        async for received in subscription:
            for line in self._progress.on_message(received):
                self._print_line(line)
            self._totals.on_message(received.message, self._progress.bus_state)
            if self._progress.heard:
                self._first_voice.set()

    async def _check_workers(self, bus: Bus) -> None:
        """Report when all workers run or one fails, and watch the heartbeats."""
        async with asyncio.TaskGroup() as group:
            if self._fresh:
                group.create_task(self._wait_up(bus))
            group.create_task(asyncio.Event().wait() if self._quiet else self._poll())

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(1)
            for line in self._progress.poll(boot_s()):
                self._print_line(line)

    async def _wait_up(self, bus: Bus) -> None:
        deadline = time.monotonic() + SUPERVISOR_S
        while (found := await asyncio.to_thread(supervisors.find, self._paths, self._conf)) is None:
            if time.monotonic() > deadline:
                self._print_line(("bad", "supervisord does not answer. See `partyline logs supervisord`."))
                return
            await asyncio.sleep(0.2)
        try:
            await wait_up(bus, found)
        except PartylineError as error:
            self._print_line(("bad", error.message))
            self._print_line(("plain", f"  → {error.remedy}"))
        else:
            self._print_line(("dim", "Every worker is running."))
            for line in await asyncio.to_thread(self._on_up):
                self._print_line(("plain", line))

    async def _listen(self, listen_s: float, unheard_s: float) -> ListeningReport:
        if not listen_s:
            await asyncio.Event().wait()
        try:
            async with asyncio.timeout(unheard_s):
                await self._first_voice.wait()
        except TimeoutError:
            raise self._nobody(unheard_s) from None
        began = time.monotonic()
        await asyncio.sleep(listen_s)
        return self._totals.report(time.monotonic() - began)

    def _nobody(self, unheard_s: float) -> CommandError:
        problems = list(self._progress.bus_state.all(Problem).values())
        if problems:
            self._print_line(("bad", "Open problems:"))
        for problem in problems:
            for line in problem_lines(problem):
                self._print_line(line)
        joined = self._progress.bus_state.joined
        remedy = (
            "Start the pipeline with `partyline up`, then see `partyline status` for each connection."
            if joined
            else "There was no party. Join one with `partyline join`, or switch to the simulator with `partyline demo`."
        )
        return CommandError(f"Nobody was heard within {unheard_s:g} s.", problems[0].remedy if problems else remedy)


async def _raise_on(stop: Stops) -> None:
    raise Stopped(await stop.get())


async def _raise_at_end(child: SupervisordChild) -> None:
    if await child.wait():
        raise refused(child.chatter)
    raise EndedElsewhere


@asynccontextmanager
async def signals() -> AsyncIterator[Stops]:
    """Yield a queue of the received ending signals."""
    loop = asyncio.get_running_loop()
    queue: Stops = asyncio.Queue()
    for number in END_SIGNALS:
        loop.add_signal_handler(number, queue.put_nowait, number)
    try:
        yield queue
    finally:
        for number in END_SIGNALS:
            loop.remove_signal_handler(number)
