"""What a step of the probe works with: the bus, the listener, the operator, its report, and held-back offers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from cli.probe.observe.listener import BusListener
from cli.probe.operators import Operator
from cli.probe.results.findings import UnknownResult, settle
from cli.probe.steps.run_party import RunParty
from cli.shared.terminal import Style, echo, printable
from common.bus import Bus
from common.requests import HoldOffers, Request

R = TypeVar("R")

CALL_WAIT_S = 60.0
HOLD_FOR_S = 10.0
"""Duration of a `HoldOffers` request. It is renewed as long as needed, so it expires if the run dies."""
HOLD_EVERY_S = 4.0


class Skipped(Exception):  # noqa: N818  # a way out, not an error
    """The step was skipped. The text says why."""


@dataclass(frozen=True)
class StepLimits:
    """Time limits in seconds."""

    hold_s: float = 6.0
    """Wait for a member's own offer. Captured ones came 0.7 to 1.9 s after the join [seen]."""
    action_s: float = 240.0
    """Limit for the user at the console."""
    push_s: float = 60.0
    connect_s: float = 120.0
    """Counts from the moment both may offer. Every form of message is tried meanwhile."""
    voice_s: float = 60.0
    heard_s: float = 2.0
    """Length of speech that counts as heard."""
    shape_s: float = 15.0
    """Limit for the view or an event after a step."""


class StepContext:
    """The context of the steps of one run.

    `link` is the link or session id of the other side's party, or empty to ask the user. `began`: Unix seconds.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # what a step may use
        self,
        bus: Bus,
        listener: BusListener,
        operator: Operator,
        party: RunParty,
        style: Style,
        limits: StepLimits,
        link: str = "",
        began: float = 0.0,
    ) -> None:
        self.bus = bus
        self.listener = listener
        self.operator = operator
        self.party = party
        self.style = style
        self.limits = limits
        self.link = link
        self.began = began
        self._reported: list[str] = []

    # --- the report of a step --------------------------------------------------------------------------

    def report(self, text: str) -> None:
        """Print what was done or observed. The folder has the text too, so it must not name anybody."""
        self._reported.append(text)
        echo(f"  {text}")

    def show(self, text: str) -> None:
        """Print something that the folder must not have."""
        echo(f"  {self.style(printable(text), 'dim')}")

    def take_report(self) -> tuple[str, ...]:
        """Return the sentences of `report` since the last call."""
        sentences, self._reported = tuple(self._reported), []
        return sentences

    # --- actions -----------------------------------------------------------------------------------------

    async def ask(self, request: Request[R], wait_s: float = CALL_WAIT_S) -> R:
        return await self.bus.request(request, wait_s)

    async def until(self, condition: Callable[[], R], within_s: float, declined: asyncio.Event) -> R | None:
        """Wait until the user has made `condition` true, or has set `declined`. Return its value, or None."""
        await self.listener.until(lambda: bool(condition()) or declined.is_set(), within_s)
        return condition() or None

    async def hold_offers(self, job: Callable[[], Awaitable[R]], *, meets: bool = False) -> R:
        """Hold local offers back while `job` runs, and open a window of the evidence meanwhile."""
        await self.ask(HoldOffers(for_s=HOLD_FOR_S, meet=meets))
        renewing = asyncio.create_task(self._renew_hold(meets))
        evidence = self.listener.evidence
        evidence.open_window(time.time(), meets=meets)
        try:
            return await job()
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            self.listener.record(evidence.close_window(time.time()))
            await self.ask(HoldOffers(for_s=0.0))

    async def _renew_hold(self, meets: bool) -> None:
        while True:
            await asyncio.sleep(HOLD_EVERY_S)
            await self.ask(HoldOffers(for_s=HOLD_FOR_S, meet=meets))

    # --- results -----------------------------------------------------------------------------------------

    def findings(self) -> list[UnknownResult]:
        return settle(self.listener.observed)

    def has_evidence(self, name: str) -> bool:
        """Return whether anything was observed about an unknown."""
        return any(one.name == name and one.evidence for one in self.findings())

    def alias(self, peer: str) -> str:
        """Return the member's alias in the output of the probe."""
        return self.listener.evidence.members.alias(peer)
