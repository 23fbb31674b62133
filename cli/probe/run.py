"""One run of the probe, with its bus, folder, resumed part and summary."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from captures import folder as captures
from captures.model import Capture
from captures.scrub.verify import Finding as Leak
from cli.probe.operators import Hands
from cli.probe.rehearsal import judged
from cli.probe.results import run_calls, run_folder
from cli.probe.results.findings import Finding
from cli.probe.results.listener import Watch
from cli.probe.results.run_record import Record, StepRecord
from cli.probe.results.versions import changed, versions
from cli.probe.steps import own_party, prerequisites, their_party
from cli.probe.steps.context import Limits, Step, Walk
from cli.shared.output import Style, Table
from common.bus import Bus
from common.config.tables import Settings
from common.errors import PartylineError
from common.files.paths import Paths
from common.messages import AuthState, WorkerHealth
from common.requests import SignIn

STEPS: tuple[Step, ...] = (*prerequisites.STEPS, *own_party.STEPS, *their_party.STEPS)
UP_S = 60.0
SIGN_IN_S = 60.0


@dataclass
class Plan:
    """The plan of a run, with its folder."""

    place: Path
    settings: Settings
    resume: bool = False
    link: str = ""
    npsso: str = field(default="", repr=False)
    """NPSSO of the simulator's demo account, which a rehearsal signs in first."""
    seed: int = 0
    drawn: dict[str, str] = field(default_factory=dict)


class Evening:
    def __init__(self, bus: Bus, paths: Paths, hands: Hands, plan: Plan, limits: Limits) -> None:
        self.plan = plan
        self.leaks: list[Leak] = []
        """Possible real values in the folder."""
        self.stopped_by: signal.Signals | None = None
        self._before = self.record = self._earlier()
        self._capture = self._recorded()
        self._bus = bus
        self._watch = Watch(bus)
        self._walk = Walk(
            bus, self._watch, hands, paths.trace_file, Style.of(sys.stdout), limits, plan.link, began=time.time()
        )
        self._watch.observed += self.record.observed

    # --- the run ---------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Take all planned steps. Raises `CancelledError` after leaving the party."""
        await self._bus.start()
        listening = asyncio.create_task(self._watch.listen())
        try:
            await self._ready()
            await self._walk.take(self._steps(), self._keep)
            self._keep(finished=True)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    def _steps(self) -> list[Step]:
        """Return the planned steps, without groups that an earlier run finished."""
        done = {one.name for one in self.record.steps if one.state == "done"}
        open_groups = {step.group for step in STEPS if step.name not in done} | {"account"}
        return [step for step in STEPS if step.group in open_groups]

    async def _ready(self) -> None:
        if not await self._watch.until(lambda: self._watch.now(AuthState), UP_S):
            raise PartylineError("The pipeline is not up.", "See `partyline status`; then try again.")
        if self.plan.npsso:
            await self._bus.request(SignIn(pasted=self.plan.npsso), SIGN_IN_S)

    # --- the folder ------------------------------------------------------------------------------------

    def _earlier(self) -> Record:
        if self.plan.resume:
            return run_folder.read(self.plan.place)
        return Record(
            date=time.strftime("%Y-%m-%d"),
            rehearsal=bool(self.plan.drawn),
            seed=self.plan.seed,
            versions=versions({}),
            settings=changed(self.plan.settings),
        )

    def _recorded(self) -> Capture:
        return captures.read(self.plan.place)[0] if self.plan.resume else Capture()

    def _keep(self, *, finished: bool = False) -> None:
        """Write the folder with the current state."""
        walk = self._walk
        fresh = {one.name for one in walk.done}
        kept = tuple(one for one in self._before.steps if one.name not in fresh)
        steps = tuple(self._with_words(one) for one in walk.done)
        self.record = msgspec.structs.replace(
            self.record,
            finished=finished,
            left=walk.left,
            versions=versions(self._watch.all(WorkerHealth)),
            steps=(*kept, *steps),
            calls=(*self._before.calls, *walk.call_records()),
            observed=tuple(self._watch.observed),
            findings=tuple(walk.findings()),
            beyond_ladder=max(self._before.beyond_ladder, run_calls.busiest(walk.calls)),
        )
        self._write()

    def _with_words(self, step: StepRecord) -> StepRecord:
        _, words = self._walk.failures.get(step.name, ("", ""))
        return msgspec.structs.replace(step, said=words if step.state == "failed" else "")

    def _write(self) -> None:
        self.leaks = run_folder.keep(self.plan.place, self.record, self._walk.calls, self._watch.events, self._capture)

    def judge(self, unfit: int) -> None:
        """Compare the drawn values of a rehearsal with its findings."""
        self.record = msgspec.structs.replace(
            self.record, drawn=judged(self.plan.drawn, list(self.record.findings), unfit)
        )
        self._write()

    # --- the end ---------------------------------------------------------------------------------------

    def summary(self) -> list[str]:
        """Return the findings as lines for the terminal."""
        style = Style.of(sys.stdout)
        drawn = {one.name: one for one in self.record.drawn}
        head = ["UNKNOWN", "STATE", "VALUE", *(["DRAWN", "THE RUN"] if drawn else [])]
        rows = []
        for one in self.record.findings:
            row = [one.name, one.state, _value(one)]
            rows.append([*row, *([drawn[one.name].way, drawn[one.name].found] if one.name in drawn else [])])
        lines = [style("What is settled", "bold"), *Table(head, rows).lines(style), ""]
        lines += [f"  {one.name}: {one.remark}" for one in self.record.findings if one.remark]
        states = [one.state for one in self.record.steps]
        lines.append(
            f"Steps: {states.count('done')} done, {states.count('failed')} failed, {states.count('skipped')} left out. "
            f"{self.record.beyond_ladder} calls in the busiest 15 min besides messages to members and bridges "
            f"(of {run_calls.LIMIT}); {run_calls.busiest(self._walk.calls, trying=True)} in all."
        )
        if drawn:
            found = sum(one.found != "missed" for one in drawn.values())
            lines.append(f"{found} of {len(drawn)} unknowns are as they were drawn.")
        return lines


def _value(finding: Finding) -> str:
    return finding.value if finding.evidence or finding.state == "settled" else ""
