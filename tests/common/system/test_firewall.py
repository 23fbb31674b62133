"""macOS's firewall judges programs. What its tool prints is from its users' reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.system import firewall


@pytest.mark.parametrize(("said", "blocked"), [
    ("Incoming connection to the application is permitted", False), ("The application x is not blocked.", False),
    ("Incoming connection to the application is blocked", True), ("The application is not part of the firewall", None),
    ("", None),
])  # fmt: skip
def test_what_the_tool_says(said: str, blocked: bool | None) -> None:
    asked: list[tuple[str, ...]] = []

    def ask(*words: str) -> str:
        asked.append(words)
        return said

    assert firewall.blocks("/x/python", ask, "darwin") is blocked
    assert asked == [("--getappblocked", "/x/python")]


def test_elsewhere_nothing_is_asked() -> None:
    assert firewall.blocks("/x/python", lambda *_: "blocked", "linux") is None


def test_a_framework_python_is_known_by_its_bundle(tmp_path: Path) -> None:
    python = tmp_path / "Versions" / "3.12" / "bin" / "python3.12"
    python.parent.mkdir(parents=True)
    python.touch()
    assert firewall.program(str(python)) == str(python)
    bundle = tmp_path / "Versions" / "3.12" / "Resources" / "Python.app"
    bundle.mkdir(parents=True)
    assert firewall.program(str(python)) == str(bundle)
