"""Judgements of the network at their limits."""

from __future__ import annotations

import pytest

from cli.machine.doctor.judge.network import (
    Certificates,
    Lan,
    Names,
    NatKind,
    Neighbour,
    Outside,
    Port,
    Stun,
    StunAnswer,
    certificates,
    clock,
    lan,
    names,
    nat,
    port,
    stun,
)


@pytest.mark.parametrize(
    ("off_s", "severity"),
    [(0.4, "ok"), (29.9, "ok"), (-30, "warning"), (3600, "warning"), (-3601, "error"), (None, "cannot tell")],
)
def test_the_clock(off_s: float | None, severity: str) -> None:
    assert clock(Outside(server="x", off_s=off_s)).severity == severity


def test_a_clock_that_is_behind_is_called_so() -> None:
    assert clock(Outside(server="x", off_s=-90)).sentence == "The clock is 90 s behind."
    assert clock(Outside(server="x", off_s=86_400)).sentence == "The clock is 24 h ahead."


@pytest.mark.parametrize("fault", ["EHOSTUNREACH", "EPERM"])
def test_a_block_on_a_mac_names_the_permission_and_the_program(fault: str) -> None:
    tried = (Neighbour(interface="en0", address="192.168.1.9", known=True, fault=fault),)
    found = lan(Lan(on_mac=True, tried=tried, program="iTerm.app"))
    assert found.severity == "error"
    assert "Local Network" in found.remedy
    assert "iTerm.app" in found.remedy


def test_a_neighbour_that_is_switched_off_is_no_block() -> None:
    tried = (Neighbour(interface="en0", address="192.168.1.9", known=True, fault="EHOSTDOWN"),)
    assert lan(Lan(on_mac=True, tried=tried)).severity == "ok"


def answer(server: str, public: str = "", fault: str = "") -> StunAnswer:
    return StunAnswer(interface="en0", address="192.168.1.2", server=server, public=public, took_ms=20, fault=fault)


def test_one_stun_server_that_answers_is_enough() -> None:
    assert stun(Stun(answers=(answer("a", "192.0.2.1"), answer("b")))).severity == "note"
    assert stun(Stun(answers=(answer("a", "192.0.2.1"),))).severity == "ok"
    assert "ENETUNREACH" in stun(Stun(answers=(answer("a", fault="ENETUNREACH"),))).sentence
    assert stun(Stun()).severity == "error"


@pytest.mark.parametrize(
    ("mapping", "severity"),
    [("none", "ok"), ("independent", "ok"), ("by address", "warning"), ("by address and port", "warning")],
)
def test_the_kind_of_nat(mapping: str, severity: str) -> None:
    assert nat(NatKind(mapping=mapping, method="two servers")).severity == severity
    assert nat(NatKind()).severity == "cannot tell"


def test_names_that_are_found_in_part() -> None:
    assert names(Names(resolved={"a": 5}, failed={"b": "unknown"})).severity == "warning"
    assert names(Names(failed={"b": "unknown"})).severity == "error"
    assert names(Names(resolved={"a": 5})).severity == names(Names()).severity == "ok"


def test_few_certificates_are_an_error_only_in_our_own_file() -> None:
    assert certificates(Certificates(count=19, source="certifi")).severity == "error"
    assert certificates(Certificates(count=19, source="SSL_CERT_FILE")).severity == "warning"
    assert certificates(Certificates(count=20, source="certifi")).severity == "ok"


@pytest.mark.parametrize(
    ("owner", "severity"), [("nobody", "ok"), ("ours", "ok"), ("other", "error"), ("permission denied", "error")]
)
def test_the_port(owner: str, severity: str) -> None:
    assert port(Port(address="127.0.0.1:8770", owner=owner)).severity == severity
