"""What is said of paired machines where nothing is wrong, and in the cases that no fault makes."""

from __future__ import annotations

import pytest

from cli.machine.doctor.judge import peers
from cli.machine.doctor.judge.peers import FarGate, FarGates, GatePorts, KeyringFile, Multicast
from common.bus.peers.contract import CONTRACT, GateAbout


def gate(name: str = "spare", **fields: object) -> FarGate:
    return FarGate(**{"name": name, "address": "spare:8772", "about": GateAbout(version="1"), **fields})  # type: ignore[arg-type]


def among(*found: FarGate) -> FarGates:
    return FarGates(version="1", gates=found)


def test_without_a_paired_machine_all_is_well() -> None:
    verdicts = [peers.paired(KeyringFile()), peers.ports(GatePorts()), *(
        judge(among()) for judge in (peers.gates, peers.clocks, peers.versions)
    )]  # fmt: skip
    assert {verdict.severity for verdict in verdicts} == {"ok"}


def test_a_pair_in_order() -> None:
    assert "2 paired, 1 of them" in peers.paired(KeyringFile(peers=2, guests=1)).sentence
    assert "answers at x:1" in peers.ports(GatePorts(wanted=True, address="x:1", running=True, open=(1,))).sentence
    assert "are free" in peers.ports(GatePorts(wanted=True, address="x:1", closed=(1,))).sentence
    assert peers.gates(among(gate(round_trip_ms=2.4))).sentence == "spare answers in 2 ms."
    assert peers.clocks(among(gate(ahead_s=1.9))).severity == "ok"
    assert peers.versions(among(gate())).severity == "ok"
    assert peers.bonjour(Multicast(announced=True, came_back=True)).severity == "ok"


def test_a_gate_that_runs_and_does_not_answer() -> None:
    verdict = peers.ports(GatePorts(wanted=True, running=True, closed=(8772,)))
    assert (verdict.severity, "logs gate" in verdict.remedy) == ("warning", True)


@pytest.mark.parametrize("found", [Multicast(), Multicast(announced=True)])
def test_bonjour_that_does_not_get_through_names_the_other_way(found: Multicast) -> None:
    verdict = peers.bonjour(found)
    assert (verdict.severity, "--with" in verdict.remedy) == ("warning", True)


@pytest.mark.parametrize(("ahead_s", "severity", "way"), [
    (2.0, "note", "2 s ahead of"), (-2.0, "note", "2 s behind"), (29.9, "note", "ahead of"),
    (30.0, "warning", "ahead of"), (-4000.0, "warning", "4000 s behind"),
])  # fmt: skip
def test_clocks(ahead_s: float, severity: str, way: str) -> None:
    verdict = peers.clocks(among(gate(), gate("worst", ahead_s=ahead_s), gate(fault="gone", ahead_s=9e9)))
    assert verdict.severity == severity
    assert verdict.sentence.startswith("The clock of worst is ")
    assert way in verdict.sentence


def test_the_side_that_is_too_old_is_named() -> None:
    old = peers.versions(among(gate(about=GateAbout(version="0", contract=CONTRACT - 1, oldest=CONTRACT - 1))))
    assert (old.severity, old.remedy) == ("error", "Update partyline on spare.")
    new = peers.versions(among(gate(about=GateAbout(version="9", contract=CONTRACT + 1, oldest=CONTRACT + 1))))
    assert (new.severity, new.remedy) == ("error", "Update partyline on this machine.")
    other = peers.versions(among(gate(about=GateAbout(version="2"))))
    assert (other.severity, "spare has 2, this machine 1" in other.sentence) == ("note", True)
