"""Run of one cell with a console and our talker, until a voice is heard or the failure is explained."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.stacks import dialect, ours
from benchmarks.stacks.conditions import Condition
from benchmarks.stacks.console import CannotError, ConsoleError, StackConsole
from benchmarks.stacks.judge import ENOUGH, Cell, Observed, judge, leaves_pauses, was_spoken
from benchmarks.stacks.nat import Nat
from benchmarks.stacks.ours import MEMBER, Ours
from benchmarks.stacks.sound import spoken
from common.messages import PeerSignal

LIMIT_S = 30.0
"""The slowest connection observed, at our own second try, took 29 s."""
AFTER_S = {"restart": 8.0, "moved": 40.0}
REPORTS_S = 8.0
_IPV4 = re.compile(r"^a=candidate:\S+ 1 udp \d+ ((?!127\.)\d+\.[\d.]+) ", re.MULTILINE | re.IGNORECASE)


@dataclass
class _Wire:
    """Carries descriptions between both sides, modified for the condition."""

    console: StackConsole
    condition: Condition
    nat: Nat | None = None
    sequence: int = 1
    fault: str = ""
    began_at: float = 0.0

    def __post_init__(self) -> None:
        self.queue: asyncio.Queue[PeerSignal] = asyncio.Queue()
        self.side = Ours(self.queue.put_nowait, offers=not self.condition.offers)
        self.fresh = True
        """Whether the console has an unused connection."""

    async def carry(self) -> None:
        """Forward local signals until cancelled. A console's fault is recorded, and the console is restarted."""
        while True:
            signal = await self.queue.get()
            try:
                await (self._answer(signal) if signal.kind == "offer" else self._accept(signal))
            except (ConsoleError, OSError) as error:
                self.fault = str(error)
                await self.console.close()
                self.fresh = False

    async def offer(self, *, restart: bool = False) -> None:
        """Let the console offer."""
        made = await self.console.offer(restart=restart)
        if self.condition.extra == "moved":
            await self._open_nat(made)
        self.fresh = False
        self.began_at = self.began_at or time.monotonic()
        self._tell("offer", made, self.sequence)
        self.sequence += 1

    async def _answer(self, signal: PeerSignal) -> None:
        self.began_at = self.began_at or time.monotonic()
        if not self.fresh:
            await self.console.begin(self.condition)
        self.fresh = False
        self._tell("answer", await self.console.answer(self._theirs(signal, offer=True)), signal.sequence)

    async def _accept(self, signal: PeerSignal) -> None:
        await self.console.accept(self._theirs(signal, offer=False))

    def _theirs(self, signal: PeerSignal, *, offer: bool) -> str:
        sdp = dialect.from_sony(signal.sdp, self.condition, offer=offer)
        return self.nat.of_ours(sdp) if self.nat is not None else sdp

    def _tell(self, kind: Any, made: str, sequence: int) -> None:
        sdp = dialect.to_sony(made, self.condition, self.console.der)
        sdp = self.nat.of_console(sdp) if self.nat is not None else sdp
        signal = PeerSignal(
            direction="in",
            account_id=MEMBER.account_id,
            platform=MEMBER.platform,
            kind=kind,
            sdp=sdp,
            sequence=sequence,
        )
        self.side.talker.on_signal(signal, time.monotonic())

    async def _open_nat(self, made: str) -> None:
        match = _IPV4.search(made)
        if match is None:
            raise CannotError("the console has no IPv4 address beside loopback")
        self.nat = Nat()
        await self.nat.open(match[1])


async def run(console: StackConsole, condition: Condition) -> Cell:
    """Return the result of `condition` with this console."""
    try:
        observed = await _observe(console, condition)
    except CannotError as error:
        observed = Observed(cannot=str(error))
    except ConsoleError as error:
        observed = Observed(fault=str(error))
    await console.end()
    return judge(console.stack.name, condition, observed)


async def _observe(console: StackConsole, condition: Condition) -> Observed:
    ours.install(lossy=condition.extra == "lossy")
    await console.begin(condition)
    wire = _Wire(console, condition)
    carrying = asyncio.create_task(wire.carry())
    try:
        if condition.offers:
            await wire.offer()
        matched = await _listen(wire)
        observed = await _afterwards(wire, matched) if matched >= ENOUGH else Observed(matched=matched)
        side = wire.side
        observed = replace(
            observed,
            connected_s=side.connected_at - wire.began_at if side.connected_at else None,
            voice_s=side.voice_at - wire.began_at if side.voice_at else None,
            tries=side.connections,
            sentence=side.sentence,
            fault="; ".join([*([wire.fault] if wire.fault else []), *side.problems]),
            seen=observed.seen if observed.seen.packets else side.seen(),
        )
    finally:
        carrying.cancel()
        await asyncio.gather(carrying, return_exceptions=True)
        await wire.side.close()
        if wire.nat is not None:
            wire.nat.close()
    return observed


async def _listen(wire: _Wire) -> int:
    """Return the number of half seconds found in the speech, at `ENOUGH` or at the time limit."""
    matched, deadline, speech = 0, time.monotonic() + LIMIT_S, spoken()
    while matched < ENOUGH and time.monotonic() < deadline:
        window = wire.side.window()
        if window is not None:
            matched += await asyncio.to_thread(was_spoken, window, speech)
        elif wire.condition.must_fail and wire.side.sentence:
            break
        else:
            await asyncio.sleep(0.05)
    return matched


async def _afterwards(wire: _Wire, matched: int) -> Observed:
    """Apply the condition's later event, and ask the console what it received."""
    condition, side = wire.condition, wire.side
    observed = Observed(matched=matched, seen=side.seen())
    if condition.extra in AFTER_S:
        since = time.monotonic()
        if condition.extra == "restart":
            await wire.offer(restart=True)
        elif wire.nat is not None:
            await wire.nat.move()
        await asyncio.sleep(AFTER_S[condition.extra])
        gap = round(side.longest_gap(since, time.monotonic()), 3)
        observed = replace(observed, gap_s=gap, continued=side.continued)
    if condition.dtx:
        deadline = time.monotonic() + LIMIT_S  # the packets seen must include a pause between two sentences
        while not leaves_pauses(condition, side.seen()) and time.monotonic() < deadline:  # noqa: ASYNC110  # polled
            await asyncio.sleep(0.2)
        observed = replace(observed, seen=side.seen())
    deadline, state = time.monotonic() + REPORTS_S, await wire.console.state()
    while ((condition.reports and not state["reports"]) or not state["rtp"]) and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
        state = await wire.console.state()
    asked = state["reports"] if condition.reports else None
    return replace(observed, reports=asked, lost=state["lost"], sent_to=state["rtp"])
