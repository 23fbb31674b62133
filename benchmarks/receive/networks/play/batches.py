"""Batches on real sockets and clocks: many talks side by side through Chromium, our receiver and plain aiortc.

Every system has the priority that the media worker asks for. The sender measures how late it was, and a batch that was
late is thrown away, since nobody knows then what the network was.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.receive.network.packets import Packet
from benchmarks.receive.network.sender import LEAD_S, Sender, rtp
from benchmarks.receive.networks.case import NetworkCase
from benchmarks.receive.networks.play.waiting import Played, has, keep
from benchmarks.receive.networks.rows.store import RowStore, version
from benchmarks.receive.play.browser import Browser
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


def play(wanted: Sequence[NetworkCase], systems: Sequence[str], kept: RowStore, batch: int, limit: int = 0) -> None:
    """Play what is neither kept nor waiting, `batch` connections at a time, at most `limit` batches if there is one."""
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
        count = max(1, batch // len(systems))
        for number, first in enumerate(range(0, len(missing), count)):
            if limit and number >= limit:
                return
            _batch(missing[first : first + count], receivers, versions, sender, kept)


def _version(name: str, receiver: Receiver) -> str:
    return f"{receiver.version} {version(name)}" if isinstance(receiver, Browser) else version(name)


def _batch(
    some: Sequence[NetworkCase], receivers: dict[str, Receiver], versions: dict[str, str], sender: Child, kept: RowStore
) -> None:
    sendings, cases = {}, {}
    for case in some:
        for system in receivers:
            red = None if system != "aiortc" else False
            phase = float(np.random.default_rng([case.seed.value, case.loss_seed, 40]).uniform(0.0, 40.0))
            key = f"{case.name} {system}"
            cases[key] = case, system
            sendings[key] = Sending(case.spoken(red=red).packets, case.arrivals_ms(red=red), phase)
    offers = sender.call(
        "offer", {key: case.talker.red and system != "aiortc" for key, (case, system) in cases.items()}
    )
    answers: dict[str, str] = {}
    for system, receiver in receivers.items():
        answers |= receiver.call("answer", {key: offers[key] for key in cases if cases[key][1] == system})
    sender.call("accept", answers)
    for receiver in receivers.values():
        receiver.call("begin")
    began = sender.call("play", sendings, 0, some[0].seconds)
    time.sleep(LEAD_S + some[0].seconds)
    late = sender.call("finish")
    time.sleep(_SETTLE_S)
    on_time = late["p99"] <= LATE_MS
    print(
        f"{len(cases)} connections, sent late p99 {late['p99']:.1f} ms{'' if on_time else ', thrown away'}", flush=True
    )
    for system, receiver in receivers.items():
        collected: Collected = receiver.call("collect")
        receiver.call("close")
        if not on_time:
            continue
        for key, heard in collected.heard.items():
            keep(Played(cases[key][0], system, versions[system], heard, began[key], late["p99"]), kept)
    sender.call("close")


def _receiver(name: str) -> Receiver:
    if name == "chromium":
        with _prompt():
            return Browser()
    return Child({"ours": OurReceiver, "aiortc": Plain}[name])


@contextmanager
def _prompt() -> Iterator[None]:
    """Start processes with the priority of the media worker. Only root gets it, as there."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, Media.niceness)
    try:
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, before)
