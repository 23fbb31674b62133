"""One run of the probe: its steps in order, their reports, and the leave at the end in any case.

The steps are in `cli.probe.steps.prerequisites`, `cli.probe.steps.own_party` and `cli.probe.steps.their_party`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from cli.probe.operators import Hands
from cli.probe.results import run_calls
from cli.probe.results.findings import Finding, settle
from cli.probe.results.listener import Watch
from cli.probe.results.run_record import CallRecord, StepRecord
from cli.shared.output import Style, printable, say
from common.bus import Bus
from common.errors import PartylineError
from common.psn.http.refusals import NOT_A_MEMBER
from common.psn.http.trace import Traced
from common.requests import HoldOffers, LeaveParty, Request

R = TypeVar("R")

CALL_WAIT_S = 60.0
LEAVE_S = 20.0
OUT_S = 10.0
HOLD_FOR_S = 10.0
"""Duration of a `HoldOffers` request. It is renewed as long as needed, so it expires if the run dies."""
HOLD_EVERY_S = 4.0
Group = Literal["account", "own party", "their party"]
"""A resumed run repeats every unfinished group."""


@dataclass(frozen=True)
class Step:
    name: str
    group: Group
    title: str
    says: str
    """Description in one or two sentences."""
    do: Callable[[Walk], Awaitable[None]]
    """Returns on success. Raises `common.errors.PartylineError` or `Skipped` otherwise."""
    failed: str
    """Advice after a failure."""
    visible: str = ""
    """Effects that others see, for which the user is asked first, or empty for none."""
    needs: tuple[str, ...] = ()
    """Steps that must have succeeded before."""
    learns: tuple[str, ...] = ()
    """Names of unknowns that it may settle."""


class Skipped(Exception):  # noqa: N818  # a way out, not an error
    """The step was skipped. The text says why."""


@dataclass(frozen=True)
class Limits:
    """Time limits in seconds."""

    hold_s: float = 6.0
    """Wait for a member's own offer. Captured ones came 0.7 to 1.9 s after the join [seen]."""
    deed_s: float = 240.0
    """Limit for the user at the console."""
    push_s: float = 60.0
    connect_s: float = 120.0
    """Counts from the moment both may offer. Every form of message is tried meanwhile."""
    voice_s: float = 60.0
    heard_s: float = 2.0
    """Length of speech that counts as heard."""
    shape_s: float = 15.0
    """Limit for the view or an event after a step."""


@dataclass
class Walk:
    """The context of the steps, and their results."""

    bus: Bus
    watch: Watch
    hands: Hands
    trace_file: Path
    style: Style
    limits: Limits = Limits()
    link: str = ""
    """Link or session id of the other side's party, or empty to ask the user."""
    began: float = field(default_factory=time.time)
    _stepped_s: float = field(default=0.0, init=False)
    """Monotonic time at which the step began."""
    done: list[StepRecord] = field(default_factory=list)
    failures: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Step → the error's code and message."""
    calls: list[Traced] = field(default_factory=list)
    call_steps: list[str] = field(default_factory=list)
    in_party: bool = False
    """Whether we are in a party that the run created or joined."""
    left: bool | None = None
    _told: list[str] = field(default_factory=list)

    # --- for the steps ---------------------------------------------------------------------------------

    def tell(self, text: str) -> None:
        """Print what was done or seen. The folder has the text too, so it must not name anybody."""
        self._told.append(text)
        say(f"  {text}")

    def show(self, text: str) -> None:
        """Print something that the folder must not have."""
        say(f"  {self.style(printable(text), 'dim')}")

    async def ask(self, request: Request[R], wait_s: float = CALL_WAIT_S) -> R:
        return await self.bus.request(request, wait_s)

    async def until(self, condition: Callable[[], R], within_s: float, wont: asyncio.Event) -> R | None:
        """Wait until the user has made `condition` true, or has set `wont`. Return its value, or None."""
        await self.watch.until(lambda: bool(condition()) or wont.is_set(), within_s)
        return condition() or None

    async def held(self, job: Callable[[], Awaitable[R]], *, meets: bool = False) -> R:
        """Hold local offers back while `job` runs, and open a window of the evidence meanwhile."""
        await self.ask(HoldOffers(for_s=HOLD_FOR_S, meet=meets))
        renewing = asyncio.create_task(self._hold_on(meets))
        self.watch.evidence.opens(time.time(), meets=meets)
        try:
            return await job()
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            self.watch.saw(self.watch.evidence.closes(time.time()))
            await self.ask(HoldOffers(for_s=0.0))

    async def _hold_on(self, meets: bool) -> None:
        while True:
            await asyncio.sleep(HOLD_EVERY_S)
            await self.ask(HoldOffers(for_s=HOLD_FOR_S, meet=meets))

    # --- the run ---------------------------------------------------------------------------------------

    async def take(self, steps: Sequence[Step], keep: Callable[[], None]) -> None:
        """Take the steps, and leave the party at the end in any case. `keep` writes the folder after each step."""
        try:
            for step in steps:
                await self._step(step)
                keep()
        finally:
            await self.leave()
            self._take_calls("the end")
            keep()

    async def _step(self, step: Step) -> None:
        missing = [name for name in step.needs if not self.went_well(name)]
        say()
        say(self.style(f"{step.title}", "bold"))
        say(f"  {step.says}")
        began, self._stepped_s = time.time(), time.monotonic()
        self._told.clear()
        self.watch.evidence.step = step.name
        if missing:
            self.tell(f"Left out: it needs the step {missing[0]!r}.")
            self._note(step, "skipped", began)
        elif step.visible and not await self.hands.agree(f"{step.visible} Go on?"):
            self.tell("Left out, as you wish.")
            self._note(step, "skipped", began)
        else:
            await self._do(step, began)

    async def _do(self, step: Step, began: float) -> None:
        try:
            await step.do(self)
        except asyncio.CancelledError:
            self.tell("Broken off.")
            self._note(step, "failed", began)
            raise
        except Skipped as why:
            self.tell(f"Left out: {why}")
            self._close(step, "skipped", began)
        except PartylineError as error:
            self.failures[step.name] = (error.code, error.message)
            self.show(error.message)
            say(self.style(f"  This step failed. {step.failed}", "yellow"))
            if error.remedy:
                self.show(error.remedy)
            self._close(step, "failed", began)
        else:
            self._close(step, "done", began)

    def _close(self, step: Step, state: Any, began: float) -> None:
        self._take_calls(step.name)
        for finding in self.findings():
            if finding.name in step.learns:
                self.show(f"{finding.name}: {finding.state}{f', {finding.value}' if finding.evidence else ''}")
        self._note(step, state, began)

    def _take_calls(self, step: str) -> None:
        fresh = run_calls.since(self.trace_file, self.began)[len(self.calls) :]
        for call in fresh:
            self.show(run_calls.shown(call))
        self.calls += fresh
        self.call_steps += [step] * len(fresh)
        if fresh:
            self.show(self._count())

    def _count(self) -> str:
        return (
            f"{run_calls.busiest(self.calls)} calls so far in 15 min besides messages to members and bridges, "
            f"of {run_calls.LIMIT} that a run allows itself; {run_calls.busiest(self.calls, trying=True)} in all."
        )

    def _note(self, step: Step, state: Any, began: float) -> None:
        code, _ = self.failures.get(step.name, ("", ""))
        self.done.append(
            StepRecord(
                name=step.name,
                group=step.group,
                title=step.title,
                state=state,
                at=round(began - self.began, 1),
                took=round(time.monotonic() - self._stepped_s, 1),
                told=tuple(self._told),
                code=code if state == "failed" else "",
            )
        )

    def went_well(self, name: str) -> bool:
        return any(one.name == name and one.state == "done" for one in self.done)

    def findings(self) -> list[Finding]:
        return settle(self.watch.observed)

    def call_records(self) -> tuple[CallRecord, ...]:
        return tuple(
            CallRecord(
                step=step,
                at=round(call.at - self.began, 1),
                call=f"{call.method} {call.host}:{call.path}",
                status=call.status,
                ms=call.ms,
                code=call.code,
                said=call.message,
            )
            for call, step in zip(self.calls, self.call_steps, strict=True)
        )

    # --- the end ---------------------------------------------------------------------------------------

    async def leave(self) -> bool | None:
        """Leave the run's party. Return whether the leave was confirmed, or None if there was no party."""
        if not self.in_party:
            return self.left
        self.left, asked = False, time.time()
        try:
            done = await self.ask(LeaveParty(), LEAVE_S)
            out = await self.watch.until(lambda: self.watch.party.phase == "none", OUT_S)
        except PartylineError as error:
            self.show(error.message)
        else:
            self.left = bool(out) and self._confirmed(done.message, asked)
        if self.left:
            self.in_party = False
        else:
            say(
                self.style(
                    "  The leave was not confirmed: you may still be in the party. "
                    "Run `partyline leave`, or leave it in the PlayStation App.",
                    "yellow",
                )
            )
        return self.left

    def _confirmed(self, message: str, asked: float) -> bool:
        """Return whether Sony's server accepted the leave by the trace, or there was nothing left to leave."""
        if "no party to leave" in message:
            return True
        made = [one for one in run_calls.since(self.trace_file, asked) if one.method == "DELETE"]
        ours = [one for one in made if one.path.endswith("/members/me")]
        return any(200 <= one.status < 300 or one.status == 404 or one.code == NOT_A_MEMBER for one in ours)
