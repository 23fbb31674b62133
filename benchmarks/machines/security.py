"""Attacks on the pairing and on the gate of two machines, over a cable of their own. Nothing must get through.

    python -m benchmarks.machines.security [--guesses 10000] [--save]

The pairing is tried with wrong codes, with what was recorded of a right one, and by a relay that puts its own key in.
The gate is tried with the keys of each right, of a stranger and without one. All that crosses the cable meanwhile is
searched for the names of the party and for its voices. Needs root and `ip`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from benchmarks.machines.parts import reader
from benchmarks.machines.space import HERE, LINK, WITHIN, another_machine
from common.bus import Bus
from common.bus.audio import AudioSubscriber
from common.bus.peers import keyring
from common.bus.peers.curve import CurveKeys
from common.bus.peers.far_site import FarSite
from common.bus.peers.keyring import PairedMachine
from common.bus.peers.pairing import Guest, HostCard, PairingError, new_code
from common.bus.peers.pairing_lines import PairingServer, pair
from common.bus.requests import ask
from common.errors import BusUnreachableError
from common.messages import MESSAGES, PartyState, PeerSignal, WorkerHealth, wire
from common.requests import REQUESTS
from tests.e2e.pipeline import Control, Pipeline, pipeline
from tests.support.processes import free_port
from tests.support.waiting import eventually

RESULTS = Path(__file__).parents[1] / "results"
DESK, SOFA, EARS, STRANGER, WORKING = (CurveKeys.new() for _ in range(5))


@dataclass
class Cable:
    """All bytes that crossed the cable."""

    data: bytearray = field(default_factory=bytearray)

    @contextlib.contextmanager
    def recording(self) -> Iterator[None]:
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
        tap.bind((LINK, 0))
        tap.settimeout(0.2)
        stop = threading.Event()

        def record() -> None:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    self.data += tap.recv(65_536)

        thread = threading.Thread(target=record)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            tap.close()


# --- the pairing -------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def waiting(code: str) -> AsyncIterator[tuple[PairingServer, int]]:
    port = free_port()
    server = PairingServer(code, "spare", HostCard(public=CurveKeys.new().public, port=8772, right="control"))
    async with server.listening(HERE, port):
        yield server, port


async def guesses(most: int) -> dict[str, object]:
    """Try that many codes, eight at a time, as fast as they are answered."""
    code, began = new_code(), time.monotonic()
    told: Counter[str] = Counter()
    async with waiting(code) as (server, port):
        numbers = iter(number for number in range(most) if f"{number:06d}" != code)

        async def guess() -> None:
            for number in numbers:
                try:
                    await pair(HERE, port, Guest(f"{number:06d}", "robot", DESK.public))
                    told["PAIRED"] += 1
                except PairingError as error:
                    told[error.message] += 1

        await asyncio.gather(*(guess() for _ in range(8)))
        with contextlib.suppress(PairingError):
            await pair(HERE, port, Guest(code, "desk", DESK.public))
            told["PAIRED"] += 1
        return {"seconds": time.monotonic() - began, "counted": server.guesses, "told": dict(told)}


async def relayed(*, change: bool) -> str:
    """Return what the guest is told when a relay stands between the two, that changes the hello or only listens."""
    code = new_code()
    async with waiting(code) as (server, port):
        relay_port = free_port()

        async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there, back = await asyncio.open_connection(HERE, port)
            own = Guest(new_code(), "desk", STRANGER.public)
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, PairingError):
                for turn in range(2):
                    line = await reader.readuntil(b"\n")
                    back.write(own.hello() + b"\n" if change and not turn else line)
                    writer.write(await there.readuntil(b"\n"))
            writer.close()
            back.close()

        async with await asyncio.start_server(relay, HERE, relay_port):
            try:
                await pair(HERE, relay_port, Guest(code, "desk", DESK.public))
            except PairingError as error:
                return f"{error.message} ({server.guesses} guess counted)"
            found = await server.paired()
            return "paired, each with the other's own key" if found.public == DESK.public else "PAIRED WITH THE RELAY"


async def replayed() -> str:
    """Return what a guest is told that says again what another one said."""
    code, lines = new_code(), list[bytes]()
    async with waiting(code) as (_, port):
        guest = Guest(code, "desk", DESK.public)
        reader, writer = await asyncio.open_connection(HERE, port)
        lines.append(guest.hello())
        writer.write(lines[0] + b"\n")
        lines.append(guest.card(await reader.readuntil(b"\n")))
        writer.close()
    async with waiting(code) as (server, port):
        reader, writer = await asyncio.open_connection(HERE, port)
        for line in lines:
            writer.write(line + b"\n")
            answer = await reader.readuntil(b"\n")
        writer.close()
        return f"{msgspec.json.decode(answer).get('error', 'PAIRED')} ({server.guesses} guess counted)"


# --- the gate ----------------------------------------------------------------------------------------


async def may(keys: CurveKeys | None, server: str, port: int) -> dict[str, object]:
    """Return what the bearer of `keys` reached at the gate."""
    bus = Bus("cli", FarSite(f"{HERE}:{port}", keys or CurveKeys.new(), server))
    try:
        try:
            topics = {found.topic.partition("/")[0] for found in await bus.snapshot(wait_s=1.0)}
        except BusUnreachableError:
            return {"connects": False, "topics": 0, "offers": False, "requests": []}
        asked = [cls.__name__ for cls in REQUESTS if await _passed(bus, cls)]
        return {"connects": True, "topics": len(topics), "offers": PeerSignal.TOPIC in topics, "requests": asked}
    finally:
        await bus.close()


async def _passed(bus: Bus, cls: type) -> bool:
    """Return whether a request of this class reaches its worker. Its body is none, so that nothing changes."""
    frames = [cls.__name__.encode(), wire.pack(bus._publisher.header()), b"\xc1"]  # noqa: SLF001
    reply = await ask(bus._context, bus._site, cls.WORKER, frames, 10.0)  # type: ignore[attr-defined] # noqa: SLF001
    return b"peers.not-allowed" not in reply[-1]


# --- all of it ---------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--guesses", type=int, default=10_000)
    parser.add_argument("--save", action="store_true", help="write the figures to benchmarks/results")
    arguments = parser.parse_args()
    with another_machine():
        figures: dict[str, object] = {
            "guesses": asyncio.run(guesses(arguments.guesses)),
            "replay": asyncio.run(replayed()),
            "relay that changes": asyncio.run(relayed(change=True)),
            "relay that listens": asyncio.run(relayed(change=False)),
            **at_the_gate(),
        }
    print(json.dumps(figures, indent=1))
    if arguments.save:
        day = datetime.now(UTC).date()
        (RESULTS / f"machines-security-{day}.json").write_text(json.dumps(figures, indent=1) + "\n")


def at_the_gate() -> dict[str, object]:
    port = free_port()
    env = {"PARTYLINE_PEERS__PORT": str(port), "PARTYLINE_PEERS__LISTEN": HERE, "PARTYLINE_AUDIO__SINK": "null"}
    env |= {"PARTYLINE_DASHBOARD__LISTEN": HERE}  # else the webrtc worker has nothing to do, and ends
    with pipeline(env) as made:
        made.paths.make()
        ring = keyring.loaded_or_new(made.paths)
        for peer in (
            PairedMachine(name="desk", public=DESK.public, right="control", met_at=0.0),
            PairedMachine(name="sofa", public=SOFA.public, right="control", may_sign_in=True, met_at=0.0),
            PairedMachine(name="half", public=WORKING.public, right="worker", met_at=0.0),
            PairedMachine(name="ears", public=EARS.public, right="listen", may_sign_in=True, met_at=0.0),
        ):
            ring = ring.adding(peer)
        keyring.save(made.paths, ring)
        made.start()
        control = Control.of(made.paths.simulator_file)
        eventually(lambda: control.get("spoken"), "somebody speaks")
        asked = {cls.WORKER for cls in REQUESTS}
        eventually(lambda: asked <= {one.worker for one in made.state().all(WorkerHealth)}, "all workers are there")
        server = ring.own.public
        given = {
            "control": DESK,
            "control and sign-in": SOFA,
            "worker": WORKING,
            "listen": EARS,
            "a stranger's key": STRANGER,
        }
        table = {name: asyncio.run(may(keys, server, port)) for name, keys in given.items()}
        table["a wrong server key"] = asyncio.run(may(DESK, STRANGER.public, port))
        return {"rights": table, "wire": searched(made, server, port)}


def searched(made: Pipeline, server: str, port: int) -> dict[str, object]:
    """Have the other machine read everything for a while. Return what of it is readable on the cable."""
    ours = made.state().one(PartyState)
    assert ours is not None
    secret = [one.online_id.encode() for one in ours.members if one.online_id] + [
        one.account_id.encode() for one in ours.members
    ]
    secret += [cls.TOPIC.encode() for cls in MESSAGES]
    cable, heard = Cable(), list[bytes]()
    local = AudioSubscriber(made.paths.run)
    with cable.recording():
        words = (*WITHIN, sys.executable, "-m", reader.__name__, f"{HERE}:{port}", server)
        reading = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert reading.stdin is not None
        reading.stdin.write(f"{DESK.public} {DESK.private}\n")
        reading.stdin.flush()
        until = time.monotonic() + 12
        while time.monotonic() < until:
            heard += [samples for frame, samples in local.receive(100) if frame.sounding and samples]
        out, _ = reading.communicate("\n", timeout=30)
    local.close()
    pieces = [samples[at : at + 24] for samples in heard for at in range(0, len(samples) - 24, 96)]
    loud = [piece for piece in pieces if len(set(piece)) > 12]
    found = [text.decode() for text in secret if text in cable.data]
    return {
        "bytes on the cable": len(cable.data),
        "read by the other machine": json.loads(out),
        "names and topics searched": len(secret),
        "found": found,
        "pieces of voices searched": len(loud),
        "pieces found": sum(piece in cable.data for piece in loud[:4000]),
        "control: a greeting of ZeroMQ is found": bool(re.search(rb"CURVE", bytes(cable.data))),
    }


if __name__ == "__main__":
    main()
