"""A single action of auth without a pipeline: its reply, its refusal, and a process that says nothing of use."""

from __future__ import annotations

import subprocess

import pytest

from cli.account.auth_process import run_auth
from common.errors import PartylineError, SignInError


@pytest.fixture
def prints(monkeypatch):
    """Have the auth process print a text."""

    def have(text: str) -> None:
        def run(command, **options):
            return subprocess.CompletedProcess(command, 0, stdout=text)

        monkeypatch.setattr(subprocess, "run", run)

    return have


def test_the_last_line_is_the_reply(prints):
    prints('a warning\n{"ok": true, "account_id": "9"}\n')
    assert run_auth("whoami")["account_id"] == "9"


def test_a_refusal_is_raised_with_its_remedy(prints):
    prints('{"ok": false, "code": "psn.sign-in", "message": "No.", "remedy": "Copy it again.", "reference_id": "r"}')
    with pytest.raises(PartylineError) as error:
        run_auth("sign-in")
    assert (error.value.code, error.value.message, error.value.remedy, error.value.reference_id) == (
        "psn.sign-in",
        "No.",
        "Copy it again.",
        "r",
    )


@pytest.mark.parametrize("text", ["", "Traceback", "[]", "{}", "\n"])
def test_without_a_reply_the_action_is_named(prints, text):
    prints(text)
    with pytest.raises(SignInError, match="result of `sign-out`"):
        run_auth("sign-out")


def test_a_process_that_hangs_is_given_up(monkeypatch):
    def hangs(command, **options):
        raise subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr(subprocess, "run", hangs)
    with pytest.raises(SignInError):
        run_auth("whoami")
