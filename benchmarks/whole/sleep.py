"""Benchmark of waking from sleep: time until all voices are back after every worker stopped with half-open push.

    python -m benchmarks.whole.sleep [--seconds 20 60] [--rounds 3] [--presence 0] [--hold-clock] [--json FILE]

All workers are stopped by SIGSTOP at the same moment while the simulator continues. The push channels are half-open
from that moment on (scenario `push-half-open`), so that no close ever comes. Measured from SIGCONT are the time until
the push channel is open again, and until every console is heard again. The simulator drops a member who is away for
longer than its presence timeout (`--presence`, 0: Sony's 30 s in voice chat, after the 30 s of its keep-alive). Then
the time includes the rejoin.

A Mac's monotonic clock stops while it sleeps. `--hold-clock` gives the workers such a clock, by a preloaded library
(held_clock.c, built with gcc). Without it the clock continues, as in a paused virtual machine.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import statistics
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from common.messages import PartyState, PeerState, PushState
from common.requests import JoinParty, SignIn
from tests.common.psn.rig import Rig, real, rig
from tests.scenarios.voices import Voices
from tests.support.processes import short_folder

WORKERS = ("broker", "auth", "signaling", "session", "media", "audio")
LIMIT_S = 120.0


class Clock:
    """The workers' monotonic clock, which stops during their sleep if `held`."""

    def __init__(self, home: Path, *, held: bool) -> None:
        self.env: dict[str, str] = {}
        self._file = home / "slept"
        self._slept_s = 0.0
        if held:
            library = home / "held_clock.so"
            source = Path(__file__).with_name("held_clock.c")
            subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl", "-lpthread"], check=True)
            self.wake(0.0)
            self.env = {"LD_PRELOAD": str(library), "MACSLEEP": str(self._file)}

    def wake(self, seconds: float) -> None:
        """Subtract a sleep of `seconds` from the workers' clock."""
        self._slept_s += seconds
        self._file.write_bytes(struct.pack("=q", round(self._slept_s * 1e9)))


class Waking:
    """What was heard since SIGCONT, each with its time."""

    def __init__(self, made: Rig, consoles: list[str], epoch: str) -> None:
        self._rig = made
        self._consoles = consoles
        self._epoch = epoch
        self._mark = len(made.heard)
        self._began = time.monotonic()
        self._packets: dict[str, int] = {}
        self.push_s = self.left_s = 0.0
        self.voices_s: dict[str, float] = {}
        """When each console was heard again. Packets left unread in the sockets do not count."""

    def look(self) -> bool:
        """Read the new messages. Return whether everything is back."""
        now = time.monotonic() - self._began
        for message in self._rig.heard[self._mark :]:
            if isinstance(message, PushState) and message.connected and message.epoch != self._epoch:
                self.push_s = self.push_s or now
            elif isinstance(message, PartyState) and message.phase == "none":
                self.left_s = now
            elif isinstance(message, PeerState) and message.key() in self._consoles:
                self._heard(message, now)
        self._mark = len(self._rig.heard)
        return bool(self.push_s) and len(self.voices_s) == len(self._consoles)

    def _heard(self, state: PeerState, now: float) -> None:
        before = self._packets.get(state.key())
        if state.connection != "connected" or (before is not None and state.packets < before):
            self._packets.pop(state.key(), None)
            self.voices_s.pop(state.key(), None)
            return
        if before is not None and state.packets > before:
            self.voices_s.setdefault(state.key(), now)
        self._packets[state.key()] = state.packets


async def measure(seconds: float, rounds: int, presence: float, *, held: bool) -> list[dict[str, Any]]:
    """Return a row for each stop of all workers."""
    rows = []
    with short_folder() as home:
        async with rig(home) as made:
            made.paths.make()
            clock = Clock(home, held=held)
            made.up("broker", env=clock.env)
            made.up("simulator", more=("--presence-timeout", str(presence)))
            await made.until(made.paths.simulator_file.exists, "the simulator is up")
            await made.control("chorus", {"on": True})
            env = {**real(made), "PARTYLINE_AUDIO__SINK": "null", **clock.env}
            made.up(*WORKERS[1:], env=env)
            await made.bus.request(SignIn(pasted=made.info()["npsso"]), 60)
            await made.bus.request(JoinParty(target=made.info()["party_link"]), 60)
            voices = Voices(made)
            for _ in range(rounds):
                party = await made.joined()
                consoles = [member.peer for member in party.members if not member.is_me]
                await voices.all_heard(*consoles)
                await asyncio.sleep(3.0)
                rows.append({"clock_held": held, **await _sleep(made, clock, consoles, seconds)})
                print({**rows[-1]}, flush=True)
    return rows


async def _sleep(made: Rig, clock: Clock, consoles: list[str], seconds: float) -> dict[str, Any]:
    push = made.now(PushState)
    before = len(await made.control("violations"))
    await made.control("scenario", {"name": "push-half-open"})
    for name in WORKERS:
        made.processes[name].popen.send_signal(signal.SIGSTOP)
    stopped = time.monotonic()
    await asyncio.sleep(seconds)
    if clock.env:
        clock.wake(time.monotonic() - stopped)
    for name in WORKERS:
        made.processes[name].popen.send_signal(signal.SIGCONT)
    waking = Waking(made, consoles, push.epoch if push else "")
    with contextlib.suppress(AssertionError):
        await made.until(waking.look, "all are heard again", LIMIT_S)
    await asyncio.sleep(3.0)
    back = waking.look()
    return {
        "stopped_s": seconds,
        "push_s": round(waking.push_s, 2),
        "voices_s": round(max(waking.voices_s.values(), default=0.0), 2) if back else None,
        "first_voice_s": round(min(waking.voices_s.values(), default=0.0), 2),
        "dropped": bool(waking.left_s),
        "violations": [one["reason"] for one in (await made.control("violations"))[before:]],
        "restarted": [name for name in WORKERS if made.processes[name].popen.poll() is not None],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, nargs="+", default=[20.0, 60.0], help="how long each sleep is (20 60)")
    parser.add_argument("--rounds", type=int, default=3, help="sleeps of each length (3)")
    parser.add_argument("--presence", type=float, default=0.0, help="presence timeout of the simulator (as Sony's)")
    parser.add_argument("--hold-clock", action="store_true", help="the workers' monotonic clock stands still meanwhile")
    parser.add_argument("--json", type=Path, help="write the rows there too")
    arguments = parser.parse_args()
    rows = []
    for seconds in arguments.seconds:
        rows += asyncio.run(measure(seconds, arguments.rounds, arguments.presence, held=arguments.hold_clock))
    for seconds in arguments.seconds:
        found = [row["voices_s"] for row in rows if row["stopped_s"] == seconds and row["voices_s"] is not None]
        if found:
            print(
                f"{seconds:g} s: voices back in {statistics.median(found):.2f} s (median), {max(found):.2f} s (worst)"
            )
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 1 if any(row["voices_s"] is None or row["restarted"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
