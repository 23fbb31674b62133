"""A round on real sockets: every trace through every system at the same time, in batches."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol

from benchmarks.receive.judge import quality, report
from benchmarks.receive.judge.score import Heard
from benchmarks.receive.network import traces
from benchmarks.receive.network.packets import packets
from benchmarks.receive.network.sender import LEAD_S, Play, Sender, phases
from benchmarks.receive.play.browser import Browser
from benchmarks.receive.play.children import Child
from benchmarks.receive.play.offline import SPAWN
from benchmarks.receive.play.receivers import Collected, OurReceiver, Plain
from benchmarks.receive.rows import Row
from benchmarks.receive.speech import speech

SYSTEMS = ("ours", "aiortc", "chromium")
SETTLE_S = 2.0
"""Time after the last packet for buffered sound to come out."""
SCORERS = 2


class Receiver(Protocol):
    """A receiver. `answer`, `begin`, `collect` and `close` are called by name."""

    def call(self, method: str, *arguments: Any) -> Any: ...
    def end(self) -> None: ...


@dataclass(frozen=True)
class Plan:
    """The parameters of a measurement."""

    names: Sequence[str]
    systems: Sequence[str] = SYSTEMS
    rounds: int = 3
    seconds: float = 70.0
    seed: int = 1
    batch: int = 5
    """Traces at a time."""

    def batches(self) -> Iterator[Sequence[str]]:
        for first in range(0, len(self.names), self.batch):
            yield self.names[first : first + self.batch]


@dataclass
class Conditions:
    """How late the machine was in the worst batch, in milliseconds."""

    sender_late_p99_ms: float = 0.0
    tick_late_p99_ms: float = 0.0
    clock_error_ms: float = 0.0
    chromium: str = ""

    def note(self, name: str, value: float) -> None:
        setattr(self, name, max(getattr(self, name), round(value, 2)))


@dataclass
class Measured:
    rows: list[Row] = field(default_factory=list)
    conditions: Conditions = field(default_factory=Conditions)


def measure(plan: Plan) -> Measured:
    """Run all rounds, and print the progress."""
    measured = Measured()
    packets(plan.seconds, red=True)
    with ExitStack() as closing:
        scorers = closing.enter_context(ProcessPoolExecutor(SCORERS, mp_context=SPAWN))
        sender = Child(Sender)
        closing.callback(sender.end)
        receivers = {name: _receiver(name) for name in plan.systems}
        for receiver in receivers.values():
            closing.callback(receiver.end)
        stage = _Stage(sender, receivers, measured.conditions)
        for number in range(1, plan.rounds + 1):
            for batch in plan.batches():
                print(f"round {number}: {', '.join(batch)}", flush=True)
                rows = list(scorers.map(_score, _batch(plan, batch, number, stage)))
                measured.rows += rows
                print(report.table(sorted(rows, key=lambda row: batch.index(row.trace))), flush=True)
    return measured


def _receiver(name: str) -> Receiver:
    if name == "chromium":
        return Browser()
    return Child({"ours": OurReceiver, "aiortc": Plain}[name])


@dataclass(frozen=True)
class _Job:
    """One connection to score."""

    trace: str
    system: str
    heard: Heard
    began_ns: int
    seconds: float
    seed: int
    cpu_percent: float
    round: int


@dataclass(frozen=True)
class _Stage:
    """The processes that take part."""

    sender: Child
    receivers: dict[str, Receiver]
    conditions: Conditions


def _batch(plan: Plan, names: Sequence[str], number: int, stage: _Stage) -> list[_Job]:
    sender, receivers, conditions = stage.sender, stage.receivers, stage.conditions
    connections = {f"{name} {system}": (name, system) for name in names for system in receivers}
    red = {key: name.startswith("red-") and system != "aiortc" for key, (name, system) in connections.items()}
    offers = sender.call("offer", red)
    answers: dict[str, str] = {}
    for system, receiver in receivers.items():
        answers |= receiver.call("answer", {key: offers[key] for key in connections if connections[key][1] == system})
    sender.call("accept", answers)
    for receiver in receivers.values():
        receiver.call("begin")
    # each round has another phase against the receivers' ticks, the same for all systems
    phase = dict(zip(names, phases(len(names), plan.seed * 1000 + number), strict=True))
    plays = {key: Play(name, red[key], phase[name]) for key, (name, _) in connections.items()}
    began = sender.call("play", plays, plan.seed, plan.seconds)
    time.sleep(LEAD_S + plan.seconds)
    late = sender.call("finish")
    conditions.note("sender_late_p99_ms", late["p99"])
    time.sleep(SETTLE_S)
    jobs = []
    for system, receiver in receivers.items():
        collected: Collected = receiver.call("collect")
        share = collected.cpu_share / len(names) * 100
        if isinstance(receiver, Browser):
            conditions.chromium = receiver.version
            conditions.note("clock_error_ms", receiver.clock_error_ms)
        if system == "ours":
            conditions.note("tick_late_p99_ms", collected.tick_late_ms)
        for key, heard in collected.heard.items():
            jobs.append(_Job(connections[key][0], system, heard, began[key], plan.seconds, plan.seed, share, number))
        receiver.call("close")
    sender.call("close")
    return jobs


def _score(job: _Job) -> Row:
    trace = traces.make(job.trace, len(packets(job.seconds)), job.seed)
    return quality.row(
        job.heard,
        speech(job.seconds),
        job.began_ns,
        trace,
        system=job.system,
        cpu_percent=job.cpu_percent,
        round=job.round,
    )
