"""The runner of the steps: in order, with a record of each, and the leave at the end in any case."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from cli.probe.results.run_calls import RunCallLog, shown
from cli.probe.results.run_record import State, StepRecord
from cli.probe.steps.context import Skipped, StepContext
from cli.probe.steps.step import ProbeStep
from cli.shared.terminal import echo
from common.errors import PartylineError

NOT_CONFIRMED = (
    "  The leave was not confirmed. You may still be in the party. "
    "Run `partyline leave`, or leave it in the PlayStation App."
)


class StepRunner:
    """Runs steps. `calls` collects the calls of each step."""

    def __init__(self, context: StepContext, calls: RunCallLog) -> None:
        self.records: list[StepRecord] = []
        self.failures: dict[str, tuple[str, str]] = {}
        """Step → the error's code and message."""
        self._context = context
        self._calls = calls
        self._began, self._began_s = 0.0, 0.0
        """Start of the present step, in Unix and in monotonic seconds."""

    async def run(self, steps: Sequence[ProbeStep], save: Callable[[], None]) -> None:
        """Run the steps, and leave the party at the end in any case. `save` writes the folder after each step."""
        try:
            for step in steps:
                await self._run_step(step)
                save()
        finally:
            await self._leave()
            self._show_calls("the end")
            save()

    async def _leave(self) -> None:
        context = self._context
        if not context.party.is_in:
            return
        if error := await context.party.leave():
            context.show(error)
        if not context.party.left:
            echo(context.style(NOT_CONFIRMED, "yellow"))

    async def _run_step(self, step: ProbeStep) -> None:
        context = self._context
        missing = [name for name in step.needs if not self.succeeded(name)]
        echo()
        echo(context.style(step.title, "bold"))
        echo(f"  {step.description}")
        self._began, self._began_s = time.time(), time.monotonic()
        context.take_report()
        context.listener.evidence.start_step(step.name)
        if missing:
            context.report(f"Skipped, because it needs the step {missing[0]!r}.")
            self._record(step, "skipped")
        elif step.visible and not await context.operator.agree(f"{step.visible} Continue?"):
            context.report("Skipped at your request.")
            self._record(step, "skipped")
        else:
            await self._attempt(step)

    async def _attempt(self, step: ProbeStep) -> None:
        context = self._context
        try:
            await step.do(context)
        except asyncio.CancelledError:
            context.report("Interrupted.")
            self._record(step, "failed")
            raise
        except Skipped as why:
            context.report(f"Skipped: {why}")
            self._finish(step, "skipped")
        except PartylineError as error:
            self.failures[step.name] = (error.code, error.message)
            context.show(error.message)
            echo(context.style(f"  This step failed. {step.advice}", "yellow"))
            if error.remedy:
                context.show(error.remedy)
            self._finish(step, "failed")
        else:
            self._finish(step, "done")

    def _finish(self, step: ProbeStep, state: State) -> None:
        self._show_calls(step.name)
        for finding in self._context.findings():
            if finding.name in step.learns:
                value = f", {finding.value}" if finding.evidence else ""
                self._context.show(f"{finding.name}: {finding.state}{value}")
        self._record(step, state)

    def _show_calls(self, step: str) -> None:
        fresh = self._calls.collect(step)
        for call in fresh:
            self._context.show(shown(call))
        if fresh:
            self._context.show(self._calls.summary())

    def _record(self, step: ProbeStep, state: State) -> None:
        code, _ = self.failures.get(step.name, ("", ""))
        self.records.append(
            StepRecord(
                name=step.name,
                group=step.group,
                title=step.title,
                state=state,
                at=round(self._began - self._context.began, 1),
                took=round(time.monotonic() - self._began_s, 1),
                told=self._context.take_report(),
                code=code if state == "failed" else "",
            )
        )

    def succeeded(self, name: str) -> bool:
        return any(one.name == name and one.state == "done" for one in self.records)
