"""Batches on real sockets and clocks: many talks side by side through Chromium, our receiver and plain aiortc.

Every system has the priority that the media worker asks for. The sender measures how late it was, and a batch that was
late is thrown away, since nobody knows then what the network was.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.receive.network.packets import Packet
from benchmarks.receive.network.sender import LEAD_S, Sender, rtp
from benchmarks.receive.networks.case import NetworkCase
from benchmarks.receive.networks.play.waiting import Played, has, keep
from benchmarks.receive.networks.rows.store import RowStore, version
from benchmarks.receive.play.browser import Browser, descendants
from benchmarks.receive.play.children import Child
from benchmarks.receive.play.live import Receiver
from benchmarks.receive.play.receivers import Collected, OurReceiver, Plain
from workers.media.worker import Media

LATE_MS = 5.0
"""A batch whose sending was later than this at p99 is not kept. Networks have jitter of 3 ms and more."""
_SETTLE_S = 2.0
_SENDER_PRIORITY = 10


@dataclass(frozen=True)
class Sending:
    """What is sent on one connection: packets, and when each arrives (NaN: never)."""

    packets: tuple[Packet, ...]
    arrivals_ms: NDArray[np.float64]
    phase_ms: float


class NetworkSender(Sender):
    """The benchmark's sender, with packets and arrivals that were made before. It is the network, so it goes first."""

    def __init__(self) -> None:
        super().__init__()
        with suppress(OSError, AttributeError):  # only root gets it, and macOS has no such call
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_SENDER_PRIORITY))

    def _datagrams(
        self,
        name: str,
        play: Any,
        seed: int,  # noqa: ARG002  # the parent draws its trace from it
        seconds: float,  # noqa: ARG002  # the parent cuts its speech by it
        phase_ns: int,
    ) -> list[tuple[int, str, bytes]]:
        sender: Any = self._peers[name].getSenders()[0]
        session = sender.transport._tx_srtp  # noqa: SLF001  # as its own _send_rtp does
        sealed = [session.protect(rtp(packet, sender._ssrc)) for packet in play.packets]  # noqa: SLF001
        return [
            (phase_ns + int(at_ms * 1e6), name, sealed[number])
            for number, at_ms in enumerate(play.arrivals_ms)
            if not np.isnan(at_ms)
        ]


@dataclass(frozen=True)
class PlayPlan:
    """How a machine is used: `batch` connections at a time, at most `limit` batches if there is one."""

    batch: int = 16
    limit: int = 0
    lock: str = ""
    """A file whose lock is held while a batch plays, for a machine that others measure on too."""


def play(wanted: Sequence[NetworkCase], systems: Sequence[str], kept: RowStore, plan: PlayPlan) -> None:
    """Play what is neither kept nor waiting."""
    with ExitStack() as closing:
        receivers = {name: _receiver(name) for name in systems}
        for receiver in receivers.values():
            closing.callback(receiver.end)
        versions = {name: _version(name, receiver) for name, receiver in receivers.items()}
        there = kept.has()

        def is_missing(case: NetworkCase) -> bool:
            run = case.seed.index, case.loss_seed
            return any(
                (run, name, "real", versions[name]) not in there and not has(case, name, kept) for name in systems
            )

        missing = [case for case in wanted if is_missing(case)]
        sender = Child(NetworkSender)
        closing.callback(sender.end)
        count = max(1, plan.batch // len(systems))
        for number, first in enumerate(range(0, len(missing), count)):
            if plan.limit and number >= plan.limit:
                return
            batch = _prepared(missing[first : first + count], systems)
            with _turn(plan.lock):
                played = _batch(batch, receivers, versions, sender)
            for one in played:
                keep(one, kept)


def _version(name: str, receiver: Receiver) -> str:
    return f"{receiver.version} {version(name)}" if isinstance(receiver, Browser) else version(name)


@dataclass(frozen=True)
class _Batch:
    """Connections by name, with what each plays and to whom."""

    cases: dict[str, tuple[NetworkCase, str]]
    sendings: dict[str, Sending]

    @property
    def seconds(self) -> float:
        return max(case.seconds for case, _ in self.cases.values())


def _prepared(some: Sequence[NetworkCase], systems: Sequence[str]) -> _Batch:
    batch = _Batch({}, {})
    for case in some:
        phase = float(np.random.default_rng([case.seed.value, case.loss_seed, 40]).uniform(0.0, 40.0))
        for system in systems:
            red = None if system != "aiortc" else False
            key = f"{case.name} {system}"
            batch.cases[key] = case, system
            batch.sendings[key] = Sending(case.spoken(red=red).packets, case.arrivals_ms(red=red), phase)
    return batch


def _batch(batch: _Batch, receivers: dict[str, Receiver], versions: dict[str, str], sender: Child) -> list[Played]:
    """Play a batch. Return nothing if it was sent late."""
    cases = batch.cases
    offers = sender.call(
        "offer", {key: case.talker.red and system != "aiortc" for key, (case, system) in cases.items()}
    )
    answers: dict[str, str] = {}
    for system, receiver in receivers.items():
        answers |= receiver.call("answer", {key: offers[key] for key in cases if cases[key][1] == system})
    sender.call("accept", answers)
    for receiver in receivers.values():
        receiver.call("begin")
    if any(isinstance(receiver, Browser) for receiver in receivers.values()):
        _raise_browser()
    began = sender.call("play", batch.sendings, 0, batch.seconds)
    time.sleep(LEAD_S + batch.seconds)
    late = sender.call("finish")
    time.sleep(_SETTLE_S)
    on_time = late["p99"] <= LATE_MS
    verdict = "" if on_time else ", thrown away"
    print(f"{len(cases)} connections, sent late p50 {late['p50']:.2f} p99 {late['p99']:.2f} ms{verdict}", flush=True)
    played = []
    for system, receiver in receivers.items():
        collected: Collected = receiver.call("collect")
        receiver.call("close")
        print(f"{system}: frames handed out unevenly by p99 {_uneven_ms(collected):.1f} ms", flush=True)
        for key, heard in collected.heard.items():
            if on_time:
                played.append(Played(cases[key][0], system, versions[system], heard, began[key], late["p99"]))
    sender.call("close")
    return played


def _uneven_ms(collected: Collected) -> float:
    """Return how far frames were from 10 ms apart. Much more than usual means that the receiver had no CPU."""
    gaps = [np.abs(np.diff(heard.stamps_ns) / 1e6 - 10.0) for heard in collected.heard.values()]
    return float(np.percentile(np.concatenate(gaps), 99))


@contextmanager
def _turn(path: str) -> Iterator[None]:
    if not path:
        yield
        return
    with Path(path).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _receiver(name: str) -> Receiver:
    if name == "chromium":
        return Browser()
    return Child({"ours": OurReceiver, "aiortc": Plain}[name])


def _raise_browser() -> None:
    """Give every thread of Chromium the priority of the media worker. It sets that of its processes itself, to 0."""
    for pid in descendants(os.getpid()):
        try:
            name = Path(f"/proc/{pid}/comm").read_text()
            threads = [int(path.name) for path in Path(f"/proc/{pid}/task").iterdir()]
        except OSError:
            continue  # it has ended, or this is no Linux
        for thread in threads if name.startswith("chrom") else ():
            with suppress(OSError):  # only root gets it, as in the worker
                os.setpriority(os.PRIO_PROCESS, thread, min(Media.niceness, os.getpriority(os.PRIO_PROCESS, thread)))
