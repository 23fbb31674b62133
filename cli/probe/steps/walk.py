"""One run: the steps one after the other, what each tells, and the leave at the end, whatever happened before.

What is done in each step is in `cli.probe.steps.account`, `cli.probe.steps.own_party` and
`cli.probe.steps.their_party`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from cli.probe.found import calls
from cli.probe.found.findings import Finding, settle
from cli.probe.found.record import CallRecord, StepRecord
from cli.probe.found.watch import Watch
from cli.probe.hands import Hands
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
"""Each request holds our offers so long; it is renewed while that is wanted, and so ends with us."""
HOLD_EVERY_S = 4.0
Group = Literal["account", "own party", "their party"]
"""Steps of one group belong together: a run that is resumed repeats a group that was not finished."""


@dataclass(frozen=True)
class Step:
    name: str
    group: Group
    title: str
    says: str
    """What is done, in a sentence or two."""
    do: Callable[[Walk], Awaitable[None]]
    """Returns when it went well; raises `common.errors.PartylineError` otherwise, or `Skipped`."""
    failed: str
    """What to do when it failed."""
    visible: str = ""
    """What others see of it: the person is asked first. Empty: nobody sees anything."""
    needs: tuple[str, ...] = ()
    """Steps that must have gone well before."""
    learns: tuple[str, ...] = ()
    """Names of unknowns that it may settle."""


class Skipped(Exception):  # noqa: N818  # a way out, not an error
    """The step was left out; the text says why."""


@dataclass(frozen=True)
class Limits:
    """How long what may take, in seconds."""

    hold_s: float = 6.0
    """We wait so long for a member's own offer: captured ones came 0.7 to 1.9 s after the join [seen]."""
    deed_s: float = 240.0
    """For the person at the console."""
    push_s: float = 60.0
    connect_s: float = 120.0
    """From the moment both may offer: every form of message is tried meanwhile."""
    voice_s: float = 60.0
    heard_s: float = 2.0
    """So much of a voice is enough."""
    shape_s: float = 15.0
    """For what comes by itself after a step: the view, an event."""


@dataclass
class Walk:
    """What the steps work with, and what comes of them."""

    bus: Bus
    watch: Watch
    hands: Hands
    trace_file: Path
    style: Style
    limits: Limits = Limits()
    link: str = ""
    """How to get into the other side's party: link or session id; empty: it is asked for."""
    began: float = field(default_factory=time.time)
    _stepped_s: float = field(default=0.0, init=False)
    """When the step began, of the monotonic clock."""
    done: list[StepRecord] = field(default_factory=list)
    failures: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Step → the error's code and its own words."""
    calls: list[Traced] = field(default_factory=list)
    call_steps: list[str] = field(default_factory=list)
    in_party: bool = False
    """We made or joined a party, and have not left it yet."""
    left: bool | None = None
    _told: list[str] = field(default_factory=list)

    # --- what steps use --------------------------------------------------------------------------------

    def tell(self, text: str) -> None:
        """Say what was done or seen; it stands in the folder too, so it names nobody."""
        self._told.append(text)
        say(f"  {text}")

    def show(self, text: str) -> None:
        """Say something on the terminal only."""
        say(f"  {self.style(printable(text), 'dim')}")

    async def ask(self, request: Request[R], wait_s: float = CALL_WAIT_S) -> R:
        return await self.bus.request(request, wait_s)

    async def until(self, condition: Callable[[], R], within_s: float, wont: asyncio.Event) -> R | None:
        """Wait for what the person is to bring about, until `wont` is set; None: it did not come true."""
        await self.watch.until(lambda: bool(condition()) or wont.is_set(), within_s)
        return condition() or None

    async def held(self, job: Callable[[], Awaitable[R]], *, meets: bool = False) -> R:
        """Hold our own offers back while `job` runs; its window is told to the evidence."""
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
        """Take the steps; `keep` writes the folder after each. Leaves the party at the end, whatever happens."""
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
        fresh = calls.since(self.trace_file, self.began)[len(self.calls) :]
        for call in fresh:
            self.show(calls.shown(call))
        self.calls += fresh
        self.call_steps += [step] * len(fresh)
        if fresh:
            self.show(self._count())

    def _count(self) -> str:
        return (
            f"{calls.busiest(self.calls)} calls so far in 15 min besides messages to members and bridges, "
            f"of {calls.LIMIT} that a run allows itself; {calls.busiest(self.calls, trying=True)} in all."
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
        """Leave the party that the run is in; return whether that was confirmed, None where there was none."""
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
        """Tell whether Sony's server took the leave: the trace has it, or there was nothing to leave any more."""
        if "no party to leave" in message:
            return True
        made = [one for one in calls.since(self.trace_file, asked) if one.method == "DELETE"]
        ours = [one for one in made if one.path.endswith("/members/me")]
        return any(200 <= one.status < 300 or one.status == 404 or one.code == NOT_A_MEMBER for one in ours)
