"""Judgements about paired machines: the keyring, the gate's ports, Bonjour, and the gates of the others."""

from __future__ import annotations

import msgspec

from cli.machine.doctor.check import CheckEvidence, CheckVerdict
from common.bus.peers.contract import GateAbout, understanding

APART_S = 2.0
"""Clocks that are less apart confuse nobody who compares two logs by eye."""
FAR_APART_S = 30.0
"""As for the clock of this machine: a server's Date shows it for certain, so one of the two is wrong."""
NONE = "No machine is paired with this one."
ALONE = "There is none to compare with."


class KeyringFile(CheckEvidence, frozen=True, kw_only=True):
    file: str = ""
    peers: int = 0
    guests: int = 0
    """Machines that may come in."""
    mode: int = 0o600
    fault: str = ""


def paired(found: KeyringFile) -> CheckVerdict:
    if found.fault:
        return CheckVerdict("error", found.fault, f"Remove {found.file}, then pair the machines again.")
    if found.mode & 0o077:
        return CheckVerdict(
            "error",
            f"Others may read {found.file}, which holds the key of this machine (mode {found.mode & 0o777:o}).",
            f"`chmod 600 {found.file}`. If others use this machine, remove it and pair the machines again.",
        )
    if not found.peers:
        return CheckVerdict("ok", NONE)
    return CheckVerdict("ok", f"{found.peers} paired, {found.guests} of them may come in here.")


class GatePorts(CheckEvidence, frozen=True, kw_only=True):
    wanted: bool = False
    """Whether a machine may come in."""
    address: str = ""
    taken: dict[str, str] = msgspec.field(default_factory=dict)
    """Port → the program that has it, or why it cannot be opened."""
    open: tuple[int, ...] = ()
    """Ports at which our gate answers."""
    closed: tuple[int, ...] = ()
    """Ports at which nobody answers."""
    running: bool = False
    """Whether the gate runs."""
    blocked: bool | None = None
    """Whether the system's firewall blocks this Python. None if that cannot be told."""


def ports(found: GatePorts) -> CheckVerdict:
    if not found.wanted:
        return CheckVerdict("ok", "No port is open, because no machine may come in.")
    if found.taken:
        port, program = next(iter(found.taken.items()))
        return CheckVerdict(
            "error", f"Port {port} of the gate cannot be used: {program}.",
            "End that program, or set another `[peers] port` and pair the machines again.",
        )  # fmt: skip
    if found.blocked:
        return CheckVerdict(
            "error",
            "macOS's firewall blocks this Python, so no paired machine comes in.",
            "System Settings → Network → Firewall → Options: allow Python (or python3) to accept connections.",
        )
    if found.running and found.closed:
        return CheckVerdict(
            "warning",
            f"The gate runs, and does not answer at port {found.closed[0]}.",
            "See `partyline status` and `partyline logs gate`.",
        )
    if not found.running:
        return CheckVerdict("ok", f"The ports of the gate are free ({found.address}). It opens them when it runs.")
    return CheckVerdict("ok", f"The gate answers at {found.address}.")


class Multicast(CheckEvidence, frozen=True, kw_only=True):
    library: bool = True
    announced: bool = False
    came_back: bool = False


def bonjour(found: Multicast) -> CheckVerdict:
    by_name = "Pair by name: `partyline pair CODE --with NAME.local`."
    if not found.library:
        return CheckVerdict("note", "There is no Bonjour library for this Python, so no machine is found.", by_name)
    if not found.announced:
        return CheckVerdict("warning", "Nothing can be announced by Bonjour here: no network has multicast.", by_name)
    if not found.came_back:
        return CheckVerdict(
            "warning",
            "What is announced by Bonjour does not come back. A firewall, a guest Wi-Fi or macOS may hold it back.",
            f"macOS: System Settings → Privacy & Security → Local Network. {by_name}",
        )
    return CheckVerdict("ok", "Machines in the local network are found by Bonjour.")


class FarGate(msgspec.Struct, frozen=True, kw_only=True):
    """What one machine's gate answered."""

    name: str
    address: str
    fault: str = ""
    """Why it did not answer."""
    round_trip_ms: float = 0.0
    ahead_s: float = 0.0
    """How far its clock is ahead of ours."""
    about: GateAbout = GateAbout()


class FarGates(CheckEvidence, frozen=True, kw_only=True):
    version: str = ""
    """Version of partyline here."""
    gates: tuple[FarGate, ...] = ()

    @property
    def answering(self) -> tuple[FarGate, ...]:
        return tuple(gate for gate in self.gates if not gate.fault)


def gates(found: FarGates) -> CheckVerdict:
    silent = [gate for gate in found.gates if gate.fault]
    if silent:
        gate = silent[0]
        return CheckVerdict(
            "warning",
            f"{gate.name} ({gate.address}) does not answer: {gate.fault.rstrip('.')}.",
            "Is it awake, in this network, and does partyline run there? Does its `partyline peers` list this machine? "
            "Its own `partyline doctor` looks at its ports and firewall.",
        )
    if not found.gates:
        return CheckVerdict("ok", "This machine goes to no other one.")
    return CheckVerdict(
        "ok", ". ".join(f"{one.name} answers in {one.round_trip_ms:.0f} ms" for one in found.gates) + "."
    )


def clocks(found: FarGates) -> CheckVerdict:
    apart = sorted(found.answering, key=lambda gate: -abs(gate.ahead_s))
    if not apart or abs(apart[0].ahead_s) < APART_S:
        return CheckVerdict(
            "ok", "The clocks of the paired machines agree." if apart else "There is none to compare with."
        )
    gate = apart[0]
    way = "ahead of" if gate.ahead_s > 0 else "behind"
    return CheckVerdict(
        "warning" if abs(gate.ahead_s) >= FAR_APART_S else "note",
        f"The clock of {gate.name} is {abs(gate.ahead_s):.0f} s {way} this one. partyline allows for it, logs do not.",
        "Have both set their time automatically (macOS: System Settings → General → Date & Time).",
    )


def versions(found: FarGates) -> CheckVerdict:
    for gate in found.answering:
        theirs = gate.about.version or "no version"
        match understanding(gate.about, found.version):
            case "update there":
                older = f"{gate.name} has an older partyline ({theirs}), which this one does not understand."
                return CheckVerdict("error", older, f"Update partyline on {gate.name}.")
            case "update here":
                newer = f"{gate.name} has a newer partyline ({theirs}), which does not understand this one."
                return CheckVerdict("error", newer, "Update partyline on this machine.")
    others = [gate for gate in found.answering if understanding(gate.about, found.version) == "differs"]
    if others:
        theirs = others[0].about.version or "an older version"
        return CheckVerdict(
            "note",
            f"{others[0].name} has {theirs}, this machine {found.version}. They understand each other.",
            "Update the older one, so that both know the same commands.",
        )
    return CheckVerdict(
        "ok", "The paired machines have one version." if found.answering else "There is none to compare with."
    )
