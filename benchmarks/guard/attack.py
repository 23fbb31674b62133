"""Benchmark of the media process under attack, with the lost and late frames of three honest talkers and its log.

    python -m benchmarks.guard.attack [--seconds 10] [--kinds empty,stun,sctp,red,ssrc,flood,offers] [--json FILE]

Each kind runs alone, then all at once, with quiet windows of the same run before, between and after. The attackers are
strangers that know every port of media (``empty``: empty datagrams, ``stun``: malformed STUN, 1000 a second each)
and members (``sctp``: 40 kB/s of data chunks with gaps, ``red``: 300 packets of 230 copies a second,
``ssrc``: 130 SSRCs a second, ``flood``: 1500 packets a second, ``offers``: three members that offer again each 3 s).
Wanted: no frame missing.

``missing``: ticks without a frame of an honest talker. ``made up``: concealed frames. ``late``: time from the tick to
the frame's arrival at an audio worker. Everything shares this machine's cores, attackers too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.guard.attackers import MEMBERS, OFFER_EVERY_S, STRANGERS, Attackers
from benchmarks.receive.network.sender import LEAD_S, Play, Sender
from benchmarks.receive.play.children import Child
from benchmarks.sound.talkers import OtherWorkers, party_of
from common.bus import AudioSubscriber, Bus
from common.files.paths import Paths
from common.messages import Member, WorkerHealth
from tests.support.processes import COLD, running, short_folder

KINDS = (*STRANGERS, *MEMBERS, "offers")
HONEST = [Member(account_id=f"{5000 + number}", platform="PROSPERO") for number in range(3)]
OFFERING = [Member(account_id=f"{7000 + number}", platform="PROSPERO") for number in range(3)]
TICK_NS = 10_000_000
SETTLE_S = 1.0
"""Pause between two windows."""


@dataclass(frozen=True)
class Row:
    """One window. Frames are the total of the three honest talkers."""

    attack: str
    seconds: float
    frames: int
    missing: int
    made_up: int
    late_p99_ms: float
    late_max_ms: float
    log_bytes_per_s: float
    cpu_percent: float
    rss_mb: float


class _Listening(OtherWorkers):
    """Records each frame that an audio worker would get."""

    def __init__(self, bus: Bus) -> None:
        super().__init__(bus)
        self.heard: list[tuple[str, int, int, bool]] = []
        """(peer, tick's time in ns, ns late, concealed)."""

    def drain(self, run: Path, ended: threading.Event) -> None:
        subscriber = AudioSubscriber(run)
        while not ended.is_set():
            for frame, _ in subscriber.receive(50):
                late = time.monotonic_ns() - frame.tick_ns
                self.heard.append((frame.peer, frame.tick_ns, late, frame.concealed))
        subscriber.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each window")
    parser.add_argument("--kinds", default=",".join(KINDS), help=f"by comma, of {', '.join(KINDS)}")
    parser.add_argument("--json", type=Path, help="also write the rows there")
    arguments = parser.parse_args()
    kinds = arguments.kinds.split(",")
    if unknown := set(kinds) - set(KINDS):
        parser.error(f"no such attack: {', '.join(sorted(unknown))}")
    rows = asyncio.run(measure(kinds, arguments.seconds))
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


async def measure(kinds: list[str], seconds: float) -> list[Row]:
    windows = ["", *kinds, "", "all", ""]
    whole_s = len(windows) * (seconds + SETTLE_S + 2) + 10
    with short_folder() as home, running() as start:
        Paths(home).make()
        sender, attackers = Child(Sender), Child(Attackers)
        try:
            start("workers.broker", home, COLD)
            log = start("workers.media", home, COLD).log
            async with party_of(Paths(home).run, _Listening) as party:
                await party.until_running()
                hostile = [kind for kind in kinds if kind in MEMBERS]
                await _bring_in(party, sender, attackers, hostile)
                plays = {member.peer: Play("clean", red=False, phase_ms=7 * n) for n, member in enumerate(HONEST)}
                await asyncio.to_thread(sender.call, "play", plays, 1, whole_s)
                await asyncio.sleep(LEAD_S + 3)
                _heading()
                rows = []
                stage = _Stage(party, attackers, kinds, log, seconds)
                for window in windows:
                    rows.append(await stage.window(window))
                    _line(rows[-1])
                return rows
        finally:
            sender.end()
            attackers.end()


async def _bring_in(party: _Listening, sender: Child, attackers: Child, hostile: list[str]) -> None:
    offers: dict[str, str] = await asyncio.to_thread(sender.call, "offer", {member.peer: False for member in HONEST})
    ill = {kind: Member(account_id=f"{6000 + n}", platform="PROSPERO") for n, kind in enumerate(hostile)}
    theirs: dict[str, str] = await asyncio.to_thread(attackers.call, "offer", [*hostile])
    offers |= {ill[kind].peer: sdp for kind, sdp in theirs.items()}
    answers = await party.connect([*HONEST, *ill.values()], offers, silent=OFFERING)
    honest = {member.peer: answers[member.peer] for member in HONEST}
    await asyncio.to_thread(sender.call, "accept", honest)
    replies = {kind: answers[member.peer] for kind, member in ill.items()}
    up = await asyncio.to_thread(attackers.call, "accept", replies, list(honest.values()))
    if set(up) != set(hostile):
        print(f"not connected: {', '.join(sorted(set(hostile) - set(up)))}")
    party.template = next(iter(offers.values()))


@dataclass(frozen=True)
class _Stage:
    party: _Listening
    attackers: Child
    kinds: list[str]
    log: Path
    seconds: float

    async def window(self, name: str) -> Row:
        """Attack for a window (quiet for ""). Return its row."""
        wanted = self.kinds if name == "all" else [name] if name else []
        await asyncio.to_thread(self.attackers.call, "attack", [kind for kind in wanted if kind != "offers"])
        offering = asyncio.create_task(_offers(self.party)) if "offers" in wanted else None
        await asyncio.sleep(SETTLE_S)
        before, bytes_before, began = await self.party.next_health(), _size(self.log), time.monotonic_ns()
        await asyncio.sleep(self.seconds)
        ended, bytes_after, after = time.monotonic_ns(), _size(self.log), await self.party.next_health()
        if offering is not None:
            offering.cancel()
        await asyncio.to_thread(self.attackers.call, "calm")
        return _judge(name or "quiet", self.party, (began, ended), bytes_after - bytes_before, (before, after))


def _judge(
    name: str, party: _Listening, span: tuple[int, int], logged: int, health: tuple[WorkerHealth, WorkerHealth]
) -> Row:
    began, ended = span
    peers = {member.peer for member in HONEST}
    heard = [one for one in list(party.heard) if one[0] in peers and began <= one[1] < ended]
    party.heard = party.heard[-3000:]
    ticks = int((ended - began) / TICK_NS)
    late = np.array([one[2] for one in heard] or [0]) / 1e6
    before, after = health
    return Row(
        attack=name,
        seconds=round((ended - began) / 1e9, 2),
        frames=len(heard),
        missing=max(0, len(peers) * ticks - len(heard)),
        made_up=sum(one[3] for one in heard),
        late_p99_ms=round(float(np.percentile(late, 99)), 1),
        late_max_ms=round(float(late.max()), 1),
        log_bytes_per_s=round(logged / ((ended - began) / 1e9), 1),
        cpu_percent=round((after.cpu_seconds - before.cpu_seconds) / (after.beat_s - before.beat_s) * 100, 1),
        rss_mb=round(after.rss_bytes / 1e6, 1),
    )


async def _offers(party: _Listening) -> None:
    """Let three members offer again each 3 s. None of these connections ever comes up."""
    number = int(time.monotonic())
    while True:
        number += 1
        for member in OFFERING:
            name = f"{member.account_id}{number}"
            sdp = re.sub(r"a=ice-ufrag:\S+", f"a=ice-ufrag:{name}", party.template)
            party.offer(member, sdp, number)
        await asyncio.sleep(OFFER_EVERY_S)


def _size(log: Path) -> int:
    return log.stat().st_size


_COLUMNS: dict[str, Callable[[Row], Any]] = {
    "frames": lambda row: row.frames,
    "missing": lambda row: row.missing,
    "made up": lambda row: row.made_up,
    "late p99 ms": lambda row: row.late_p99_ms,
    "late max": lambda row: row.late_max_ms,
    "log B/s": lambda row: row.log_bytes_per_s,
    "CPU %": lambda row: row.cpu_percent,
    "MB": lambda row: row.rss_mb,
}


def _heading() -> None:
    print(f"{'attack':<10}" + "".join(f"{name:>{len(name) + 3}}" for name in _COLUMNS), flush=True)


def _line(row: Row) -> None:
    cells = "".join(f"{value(row):>{len(name) + 3}}" for name, value in _COLUMNS.items())
    print(f"{row.attack:<10}{cells}", flush=True)


if __name__ == "__main__":
    main()
