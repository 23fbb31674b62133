from __future__ import annotations

import subprocess
from types import SimpleNamespace
from typing import Any

import pytest

from common.system import hostname


@pytest.fixture
def bonjour(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What scutil answers: an exception, or its exit code and output."""
    answers: list[Any] = [(0, b"Avas-MacBook\n")]

    def run(command: tuple[str, ...], **_: Any) -> SimpleNamespace:
        assert command == ("/usr/sbin/scutil", "--get", "LocalHostName")
        if isinstance(answers[0], Exception):
            raise answers[0]
        code, output = answers[0]
        return SimpleNamespace(returncode=code, stdout=output)

    monkeypatch.setattr(hostname.subprocess, "run", run)
    monkeypatch.setattr(hostname.socket, "gethostname", lambda: "dhcp-17.example.net")
    return answers


def test_on_a_mac_bonjours_name_comes_first_and_both_are_names_of_this_machine(bonjour: list[Any]) -> None:
    assert hostname.names("darwin") == ("Avas-MacBook", "dhcp-17.example.net")
    assert hostname.local_name("darwin") == "avas-macbook.local"
    bonjour[0] = (0, b"dhcp-17.example.net")
    assert hostname.names("darwin") == ("dhcp-17.example.net",)


@pytest.mark.parametrize(
    "answer", [(1, b"LocalHostName: not set"), (0, b""), OSError(2, "none"), subprocess.TimeoutExpired("scutil", 2)]
)
def test_without_an_answer_the_usual_name_does(bonjour: list[Any], answer: object) -> None:
    bonjour[0] = answer
    assert hostname.names("darwin") == ("dhcp-17.example.net",)
    assert hostname.local_name("darwin") == "dhcp-17.local"


def test_elsewhere_nothing_else_is_asked(bonjour: list[Any]) -> None:
    bonjour[0] = AssertionError("nobody asks")
    assert hostname.names("linux") == ("dhcp-17.example.net",)
