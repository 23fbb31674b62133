"""Faults of paired machines."""

from __future__ import annotations

import sys

import msgspec

from cli.machine.doctor.check import CheckFinding
from cli.machine.doctor.judge.peers import FarGate
from common.basic.version import version
from common.bus.peers import keyring
from common.bus.peers.contract import CONTRACT, GateAbout
from common.bus.peers.keyring import PairedMachine
from tests.cli.machine.doctor.faults.fault import Faults
from tests.cli.machine.doctor.stage import MAC, Stage, with_table
from tests.support.processes import free_port

FAULTS = Faults()


def pair(stage: Stage, **fields: object) -> None:
    ring = keyring.loaded_or_new(stage.paths)
    peer = PairedMachine(**{"name": "spare.local", "public": ring.own.public, "met_at": 1.0, **fields})  # type: ignore[arg-type]
    keyring.save(stage.paths, ring.adding(peer))


@FAULTS.add("paired", "secrets/peers.json is no keyring", "error", "cannot be used")
def no_keyring(stage: Stage) -> CheckFinding:
    keyring.keyring_file(stage.paths).write_text("{}")
    return stage.examine("paired")


@FAULTS.add("paired", "secrets/peers.json has mode 644", "error", "(mode 644)")
def open_keyring(stage: Stage) -> CheckFinding:
    pair(stage, right="control")
    keyring.keyring_file(stage.paths).chmod(0o644)
    return stage.examine("paired")


@FAULTS.add("gate-ports", "a program listens at a port of the gate", "error", "cannot be used")
def gate_port_in_use(stage: Stage) -> CheckFinding:
    pair(stage, right="control")
    return stage.examine("gate-ports", settings=with_table("peers", listen="127.0.0.1", port=stage.listener()))


@FAULTS.add("gate-ports", "`[peers] listen` is an address of another machine", "error", "cannot be used")
def gate_at_a_foreign_address(stage: Stage) -> CheckFinding:
    pair(stage, right="control")
    return stage.examine("gate-ports", settings=with_table("peers", listen="192.0.2.1", port=free_port()))


@FAULTS.add("gate-ports", "a fake `socketfilterfw` says that Python is blocked", "error", "firewall blocks this Python")
def blocked_python(stage: Stage) -> CheckFinding:
    pair(stage, right="control")
    stage.tool("socketfilterfw", f'echo "The application {sys.executable} is blocked."')
    settings = with_table("peers", listen="127.0.0.1", port=free_port())
    return stage.examine("gate-ports", settings=settings, platform=MAC)


@FAULTS.add("bonjour", "the library zeroconf is not there", "note", "no Bonjour library")
def no_bonjour(stage: Stage) -> CheckFinding:
    stage.patch("cli.machine.peers.discovery.HAS_BONJOUR", False)
    return stage.examine("bonjour")


@FAULTS.add("gates", "nobody is at the address of a paired machine", "warning", "does not answer")
def silent_gate(stage: Stage) -> CheckFinding:
    stage.patch("cli.machine.doctor.probes.peers.ANSWER_S", 0.2)
    pair(stage, address=f"127.0.0.1:{free_port()}")
    return stage.examine("gates")


def answered(stage: Stage, check: str, **fields: object) -> CheckFinding:
    """Examine with a paired machine that answers so."""
    gate = FarGate(name="spare.local", address="spare.local:8772", about=GateAbout(version=version()))

    async def ask(*_: object) -> FarGate:
        return msgspec.structs.replace(gate, **fields)

    pair(stage, address="spare.local:8772")
    stage.patch("cli.machine.doctor.probes.peers._ask", ask)
    return stage.examine(check)


@FAULTS.add("gate-clocks", "the clock of a paired machine is five minutes ahead", "warning", "300 s ahead of this one")
def clocks_apart(stage: Stage) -> CheckFinding:
    return answered(stage, "gate-clocks", ahead_s=300.0)


@FAULTS.add("gate-versions", "the contract of a paired machine is not known here", "error", "a newer partyline")
def newer_there(stage: Stage) -> CheckFinding:
    about = GateAbout(version="9.0", contract=CONTRACT + 1, oldest=CONTRACT + 1)
    return answered(stage, "gate-versions", about=about)


@FAULTS.add("gate-versions", "a paired machine does not say its version", "note", "They understand each other")
def older_there(stage: Stage) -> CheckFinding:
    return answered(stage, "gate-versions", about=GateAbout())
