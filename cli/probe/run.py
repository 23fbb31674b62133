"""One run of the probe, with its bus, folder, resumed part and summary."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from captures import folder as captures
from captures.model import Capture
from captures.scrub.verify import Leak
from cli.probe.observe.listener import BusListener
from cli.probe.operators import Operator
from cli.probe.rehearsal import judged
from cli.probe.results import run_calls, run_folder
from cli.probe.results.findings import UnknownResult
from cli.probe.results.run_record import DrawnValue, RunRecord, StepRecord
from cli.probe.results.versions import changed, versions
from cli.probe.steps import own_party, prerequisites, their_party
from cli.probe.steps.context import StepContext, StepLimits
from cli.probe.steps.run_party import RunParty
from cli.probe.steps.runner import StepRunner
from cli.probe.steps.step import ProbeStep
from cli.shared.terminal import Style, Table
from common.bus import Bus
from common.config.tables import Settings
from common.errors import PartylineError
from common.files.paths import Paths
from common.messages import AuthState, WorkerHealth
from common.requests import SignIn

STEPS: tuple[ProbeStep, ...] = (*prerequisites.STEPS, *own_party.STEPS, *their_party.STEPS)
UP_S = 60.0
SIGN_IN_S = 60.0


@dataclass
class RunPlan:
    """What a run does, and its folder."""

    place: Path
    settings: Settings
    resume: bool = False
    link: str = ""
    npsso: str = field(default="", repr=False)
    """NPSSO of the simulator's demo account, which a rehearsal signs in first."""
    seed: int = 0
    drawn: dict[str, str] = field(default_factory=dict)


class ProbeRun:
    """A run of the probe. It keeps its folder up to date after each step."""

    def __init__(self, bus: Bus, paths: Paths, operator: Operator, plan: RunPlan, limits: StepLimits) -> None:
        self.plan = plan
        self.leaks: list[Leak] = []
        """Possible real values in the folder."""
        self._before = self.record = self._earlier()
        self._capture = captures.read(plan.place)[0] if plan.resume else Capture()
        self._bus = bus
        self._listener = BusListener(bus, self.record.observed)
        self._party = RunParty(bus, self._listener, paths.trace_file)
        began = time.time()
        self._calls = run_calls.RunCallLog(paths.trace_file, began)
        style = Style.of(sys.stdout)
        self._context = StepContext(bus, self._listener, operator, self._party, style, limits, plan.link, began=began)
        self._runner = StepRunner(self._context, self._calls)

    # --- the run ---------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run all planned steps. Raises `CancelledError` after leaving the party."""
        await self._bus.start()
        listening = asyncio.create_task(self._listener.listen())
        try:
            await self._prepare()
            await self._runner.run(self._steps(), self._save)
            self._save(finished=True)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    def _steps(self) -> list[ProbeStep]:
        """Return the planned steps, without groups that an earlier run finished."""
        done = {one.name for one in self.record.steps if one.state == "done"}
        open_groups = {step.group for step in STEPS if step.name not in done} | {"account"}
        return [step for step in STEPS if step.group in open_groups]

    async def _prepare(self) -> None:
        if not await self._listener.until(lambda: self._listener.latest(AuthState), UP_S):
            raise PartylineError("The pipeline is not running yet.", "See `partyline status`, then try again.")
        if self.plan.npsso:
            await self._bus.request(SignIn(pasted=self.plan.npsso), SIGN_IN_S)

    # --- the folder ------------------------------------------------------------------------------------

    def _earlier(self) -> RunRecord:
        if self.plan.resume:
            return run_folder.read(self.plan.place)
        return RunRecord(
            date=time.strftime("%Y-%m-%d"),
            rehearsal=bool(self.plan.drawn),
            seed=self.plan.seed,
            versions=versions({}),
            settings=changed(self.plan.settings),
        )

    def _save(self, *, finished: bool = False) -> None:
        """Write the folder with the current state."""
        records = self._runner.records
        fresh = {one.name for one in records}
        kept = tuple(one for one in self._before.steps if one.name not in fresh)
        steps = tuple(self._with_message(one) for one in records)
        self.record = msgspec.structs.replace(
            self.record,
            finished=finished,
            left=self._party.left,
            versions=versions(self._listener.all(WorkerHealth)),
            steps=(*kept, *steps),
            calls=(*self._before.calls, *self._calls.records()),
            observed=tuple(self._listener.observed),
            findings=tuple(self._context.findings()),
            beyond_ladder=max(self._before.beyond_ladder, run_calls.busiest(self._calls.calls)),
        )
        self._write()

    def _with_message(self, step: StepRecord) -> StepRecord:
        _, message = self._runner.failures.get(step.name, ("", ""))
        return msgspec.structs.replace(step, said=message if step.state == "failed" else "")

    def _write(self) -> None:
        self.leaks = run_folder.keep(
            self.plan.place, self.record, self._calls.calls, self._listener.events, self._capture
        )

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
            rows.append([*row, *_beside(drawn, one.name)])
        lines = [style("Results", "bold"), *Table(head, rows).lines(style), ""]
        lines += [f"  {one.name}: {one.remark}" for one in self.record.findings if one.remark]
        states = [one.state for one in self.record.steps]
        lines.append(
            f"Steps: {states.count('done')} done, {states.count('failed')} failed, {states.count('skipped')} skipped. "
            f"{self.record.beyond_ladder} calls in the busiest 15 min without messages to members and bridges "
            f"(limit {run_calls.LIMIT}). {run_calls.busiest(self._calls.calls, trying=True)} calls in all."
        )
        if drawn:
            found = sum(one.found != "missed" for one in drawn.values())
            lines.append(f"{found} of {len(drawn)} drawn values were found.")
        return lines


def _value(finding: UnknownResult) -> str:
    return finding.value if finding.evidence or finding.state == "settled" else ""


def _beside(drawn: Mapping[str, DrawnValue], name: str) -> list[str]:
    """Return the cells of a drawn value, empty ones if this unknown was not drawn, none if nothing was."""
    if not drawn:
        return []
    return [drawn[name].way, drawn[name].found] if name in drawn else ["", ""]
