"""`partyline --at MACHINE doctor`: what the other machine found is shown as here."""

from __future__ import annotations

import json

import pytest

from cli.__main__ import main
from cli.machine.doctor import doctor

FOUND = [
    {"id": "disk", "title": "Disk", "severity": "warning", "sentence": "Full.", "remedy": "Make room.", "evidence": {}},
    {"id": "python", "title": "Python", "severity": "ok", "sentence": "Python 3.12.", "remedy": "", "evidence": {}},
]  # fmt: skip


def answering(monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    async def ask() -> bytes:
        return answer

    monkeypatch.setattr(doctor, "_ask_there", ask)


def test_its_findings_are_shown_and_decide_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(monkeypatch, json.dumps({"format": 1, "findings": FOUND}).encode())
    assert main(["--at", "spare", "doctor"]) == 4
    assert "Make room." in capsys.readouterr().out
    assert main(["--at", "spare", "doctor", "--only", "python", "--json"]) == 0
    assert [one["id"] for one in json.loads(capsys.readouterr().out)["findings"]] == ["python"]


@pytest.mark.parametrize("answer", [b"", b"{}", b"[]", b'{"findings": [{"id": 1}]}'])
def test_another_answer_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: bytes
) -> None:
    answering(monkeypatch, answer)
    assert main(["--at", "spare", "doctor"]) == 1
    assert "answered something else" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--offline", "--first-mac"])
def test_what_is_for_its_own_machine_is_refused(option: str) -> None:
    assert main(["--at", "spare", "doctor", option]) == 2
