"""Benchmark of how long a connection takes while a share of STUN and DTLS is lost in each direction.

    python -m benchmarks.guard.lossy [--seeds 60] [--loss 0.333] [--at-once 6] [--json FILE]

The other side is plain aiortc, which repeats checks after 0.5, 1, 2 … s and flights of DTLS after 1, 2, 4 … s. So only
our side repeats soon. There is one candidate pair, since each further one would be another chance. Each seed is one
connection with our offer and one with theirs. ``ours``: until our ICE is up. ``both``: until theirs is too. ``whole``:
until DTLS is up on both sides. A try does not end before the limit of 40 s. ``sent``: datagrams of STUN and DTLS that
we send until then.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import aioice.ice
import aiortc.rtcicetransport
import numpy as np

from common.ice import IceOptions
from tests.workers.media.guard.peers import Other, Pair
from workers.media import guard
from workers.media.guard.datagrams import DatagramKind, kind_of
from workers.media.guard.filtered import FilteredConnection, GuardedProtocol

LIMIT_S = 40.0
TRY_S = 15.0
"""`[media] connect_timeout_s`, after which the product tries again."""


SEED: ContextVar[int] = ContextVar("SEED")
SHARE = [0.0]


class _Lossy(GuardedProtocol):
    """Loses a share of STUN and DTLS that arrives. Each side of each seed has dice of its own."""

    def __init__(self, receiver: Any) -> None:
        super().__init__(receiver)
        self._dice = random.Random(f"{SEED.get()} {isinstance(receiver, FilteredConnection)}")
        self.sent = 0

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        kind = kind_of(bytes(data))  # type: ignore[arg-type]
        if kind not in (DatagramKind.STUN, DatagramKind.DTLS) or self._dice.random() >= SHARE[0]:
            super().datagram_received(data, addr)

    def send_stun(self, message: Any, addr: tuple[str, int]) -> None:
        self.sent += 1
        super().send_stun(message, addr)

    async def send_data(self, data: bytes, addr: tuple[str, int]) -> None:
        self.sent += kind_of(data) is DatagramKind.DTLS
        await super().send_data(data, addr)


@contextmanager
def _plain() -> Iterator[None]:
    """Make the connections inside plain aioice's."""
    ours = aiortc.rtcicetransport.Connection  # type: ignore[attr-defined]
    aiortc.rtcicetransport.Connection = aioice.Connection  # type: ignore[attr-defined]
    try:
        yield
    finally:
        aiortc.rtcicetransport.Connection = ours  # type: ignore[attr-defined]


async def connect(seed: int, *, offers: bool) -> tuple[float, float, float, int]:
    """Return after how many seconds our ICE, both and everything was up, and how many datagrams we had sent by then."""
    SEED.set(seed)
    with _plain():
        other = Other()
    async with Pair(other) as pair:
        _install()
        began, ours_s, both_s = time.monotonic(), 0.0, 0.0
        try:
            async with asyncio.timeout(LIMIT_S):
                await (pair.we_offer() if offers else pair.they_offer())
                while pair.ours.state != "connected" or other.transport.state != "connected":
                    if not ours_s and pair.ours_ice._nominated:  # noqa: SLF001
                        ours_s = time.monotonic() - began
                    if not both_s and ours_s and other.transport.transport._connection._nominated:  # noqa: SLF001
                        both_s = time.monotonic() - began
                    await asyncio.sleep(0.005)
        except TimeoutError:
            pass
        whole_s = time.monotonic() - began
        sent = sum(protocol.sent for protocol in pair.ours_ice._protocols)  # noqa: SLF001
    return ours_s or whole_s, both_s or whole_s, whole_s, sent


def _install() -> None:
    """Let every connection lose datagrams on one address."""
    guard.install(IceOptions(loopback=True))
    aioice.ice.StunProtocol = _Lossy  # type: ignore[misc]
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]  # noqa: ARG005


async def measure(seeds: int, loss: float, at_once: int) -> list[dict[str, Any]]:
    SHARE[0] = loss
    limit = asyncio.Semaphore(at_once)

    async def one(seed: int, *, offers: bool) -> tuple[float, float, float, int]:
        async with limit:
            return await connect(seed, offers=offers)

    rows = []
    for offers in (True, False):
        found = await asyncio.gather(*(one(seed, offers=offers) for seed in range(seeds)))
        ours, both, whole, sent = (np.array(column) for column in zip(*found, strict=True))
        rows.append(
            {
                "offers": "we" if offers else "they",
                "ours": _spread(ours),
                "both": _spread(both),
                "whole": _spread(whole),
                "beyond_try": int((whole > TRY_S).sum()),
                "sent": _spread(sent),
            }
        )
    return rows


def _spread(values: Any) -> list[float]:
    return [round(float(one), 2) for one in (np.median(values), np.percentile(values, 90), values.max())]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=60, help="connections of each kind (60)")
    parser.add_argument("--loss", type=float, default=1 / 3, help="share that is lost in each direction (1/3)")
    parser.add_argument("--at-once", type=int, default=6, help="connections at the same time (6)")
    parser.add_argument("--json", type=Path, help="also write the rows there")
    arguments = parser.parse_args()
    rows = asyncio.run(measure(arguments.seeds, arguments.loss, arguments.at_once))
    print(
        "Median / p90 / worst:\n\n| who offers | ours | both | whole | beyond 15 s | sent |\n|---|--:|--:|--:|--:|--:|"
    )
    for row in rows:
        times = (" / ".join(f"{one:.2f}" for one in row[name]) + " s" for name in ("ours", "both", "whole"))
        sent = " / ".join(f"{one:.0f}" for one in row["sent"])
        print(f"| {row['offers']} | {' | '.join(times)} | {row['beyond_try']} | {sent} |")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
