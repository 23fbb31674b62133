from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from common.errors import PartylineError
from common.system import file_manager
from tests.contract.rules import refusal

FOLDER = Path("/recordings/a b")


class Program:
    """Stands in for `open` and `xdg-open`."""

    def __init__(self, code: int | None) -> None:
        self.code, self.ran = code, []

    def __call__(self, command: list[str], **_: Any) -> Program:
        self.ran.append(command)
        return self

    def wait(self, limit_s: float) -> int:
        if self.code is None:
            raise subprocess.TimeoutExpired("open", limit_s)
        return self.code


@pytest.mark.parametrize(
    ("platform", "do", "command"),
    [
        ("darwin", file_manager.reveal, ["open", "-R", str(FOLDER)]),
        ("linux", file_manager.reveal, ["xdg-open", str(FOLDER)]),
        ("darwin", file_manager.play, ["open", str(FOLDER)]),
        ("linux", file_manager.play, ["xdg-open", str(FOLDER)]),
    ],
)
@pytest.mark.parametrize("code", [0, None])
def test_each_platform_has_its_program(
    monkeypatch: pytest.MonkeyPatch, platform: str, do: Any, command: list[str], code: int | None
) -> None:
    program = Program(code)
    monkeypatch.setattr(file_manager, "PLATFORM", platform)
    monkeypatch.setattr(file_manager.subprocess, "Popen", program)
    do(FOLDER)
    assert program.ran == [command]


def test_without_a_desktop_the_user_reads_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any, **__: Any) -> None:
        raise FileNotFoundError("xdg-open")

    for program in (Program(3), none):
        monkeypatch.setattr(file_manager.subprocess, "Popen", program)
        with pytest.raises(PartylineError) as raised:
            file_manager.reveal(FOLDER)
        refusal(raised.value)
        assert str(FOLDER) in raised.value.remedy


def test_the_trash_of_a_desktop_keeps_what_is_deleted(tmp_path: Path) -> None:
    """In a process of its own, as the library reads where the trash is when it is imported."""

    if sys.platform != "linux":
        pytest.skip("this is the trash of Linux desktops")
    gone = tmp_path / "gone"
    gone.mkdir()
    (gone / "mix.flac").touch()
    script = "import sys, pathlib; from common.system import file_manager as f; f.trash(pathlib.Path(sys.argv[1]))"
    environ = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "data")}
    subprocess.run([sys.executable, "-c", script, str(gone)], check=True, env=environ)
    assert not gone.exists()
    assert [path.name for path in (tmp_path / "data").rglob("mix.flac")] == ["mix.flac"]
