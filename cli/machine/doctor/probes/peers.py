"""Probes of paired machines. Those that this machine goes to are asked for their clock and version only."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Iterable

import psutil

from cli.machine.doctor.judge.peers import FarGate, FarGates, GatePorts, KeyringFile, Multicast
from cli.machine.doctor.probes.processes import own_workers
from cli.machine.doctor.surroundings import Surroundings
from cli.machine.peers import discovery
from cli.shared import far
from common.basic.loop import run
from common.basic.version import version
from common.bus import Bus
from common.bus.peers import keyring
from common.bus.peers.far_site import PORTS, FarSite
from common.bus.peers.keyring import Keyring, PairedMachine
from common.errors import PartylineError
from common.run.process import running_workers
from common.system import firewall

ANSWER_S = 5.0
"""As long as a command waits for another machine."""
LOOK_S = 4.0


def paired(around: Surroundings) -> KeyringFile:
    file = keyring.keyring_file(around.paths)
    try:
        found = keyring.load(around.paths)
    except PartylineError as error:
        return KeyringFile(file=str(file), fault=error.message)
    if found is None:
        return KeyringFile(file=str(file))
    return KeyringFile(
        file=str(file), peers=len(found.peers), guests=len(found.guests), mode=file.stat().st_mode & 0o777
    )


def _known(around: Surroundings) -> Keyring | None:
    with contextlib.suppress(PartylineError):  # the check of the keyring tells it
        return keyring.load(around.paths)
    return None


# --- the ports of this machine -----------------------------------------------------------------------


def ports(around: Surroundings) -> GatePorts:
    found = _known(around)
    if found is None or not found.guests:
        return GatePorts()
    wanted = around.settings.peers
    here = "127.0.0.1" if wanted.listen in ("0.0.0.0", "::") else wanted.listen  # noqa: S104  # compared, not bound
    numbers = [wanted.port + add for add in PORTS.values()]
    answering = [port for port in numbers if _answers(here, port)]
    ours = _listening(own_workers(around))
    mine = [port for port in answering if port in ours]
    taken = {str(port): _program_at(port) for port in answering if port not in mine}
    taken |= {str(port): why for port in numbers if port not in answering and (why := _why_not(wanted.listen, port))}
    return GatePorts(
        wanted=True,
        address=f"{wanted.listen}:{wanted.port}",
        taken=taken,
        open=tuple(mine),
        closed=tuple(port for port in numbers if port not in answering),
        running="gate" in running_workers(around.paths.run),
        blocked=_blocked(around),
    )


def _blocked(around: Surroundings) -> bool | None:
    def ask(*words: str) -> str:
        return around.run("socketfilterfw", *words).out

    return firewall.blocks(firewall.program(), ask, around.platform)


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def _why_not(host: str, port: int) -> str:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((host, port))
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""


def _listening(pids: Iterable[int]) -> set[int]:
    """Return the TCP ports at which those processes listen."""
    found: set[int] = set()
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            connections = psutil.Process(pid).net_connections("tcp")
            found.update(one.laddr.port for one in connections if one.status == psutil.CONN_LISTEN)
    return found


def _program_at(port: int) -> str:
    """Return who has a port, as far as this user may know."""
    for process in psutil.process_iter():
        if port in _listening([process.pid]):
            with contextlib.suppress(psutil.Error):
                return f"{process.name()} ({process.pid}) has it"
    return "another program has it"


# --- Bonjour -----------------------------------------------------------------------------------------


def bonjour(around: Surroundings) -> Multicast:
    del around
    return run(_bonjour())


async def _bonjour() -> Multicast:
    """Announce something for a moment, and look whether it is found."""
    if not discovery.HAS_BONJOUR:
        return Multicast(library=False)
    name = f"partyline-doctor-{os.getpid()}.local"
    async with discovery.announced(name, 9) as possible:  # port 9 discards
        found = await discovery.waiting_machines(LOOK_S) if possible else []
    return Multicast(announced=possible, came_back=any(one.name == name for one in found))


# --- the others --------------------------------------------------------------------------------------


def gates(around: Surroundings) -> FarGates:
    found = _known(around)
    there = [peer for peer in found.peers if peer.address] if found else []
    return FarGates(version=version(), gates=run(_asked(found, there)) if found and there else ())


async def _asked(ring: Keyring, there: list[PairedMachine]) -> tuple[FarGate, ...]:
    return tuple(await asyncio.gather(*(_ask(ring, peer) for peer in there)))


async def _ask(ring: Keyring, peer: PairedMachine) -> FarGate:
    bus = None
    try:
        bus = Bus(f"doctor-{os.getpid()}", FarSite(peer.address, ring.own, peer.public))
        await bus.clocks(ANSWER_S)  # the first answer has the handshake in it
        before, began = time.time(), time.monotonic()
        unix, _ = await bus.clocks(ANSWER_S)
        took_s = time.monotonic() - began
        about = await far.ask_about(bus)
    except PartylineError as error:
        return FarGate(name=peer.name, address=peer.address, fault=error.message)
    finally:
        if bus is not None:
            await bus.close()
    return FarGate(
        name=peer.name, address=peer.address, round_trip_ms=round(took_s * 1000, 1),
        ahead_s=round(unix - before - took_s / 2, 3), about=about,
    )  # fmt: skip
