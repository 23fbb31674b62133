"""`partyline login`: its steps, where the paste comes from, and the whole on a terminal."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.account import login
from cli.shared.failures import CommandError, UsageError
from cli.shared.terminal import Style
from common.config.tables import PsnSettings
from common.files.paths import CHECKOUT
from tests.cli.running import Home

NPSSO = "aB3" * 21 + "x"


def test_the_steps_name_the_page_of_the_settings_and_what_an_npsso_is():
    text = "\n".join(login.steps(PsnSettings(account_url="http://127.0.0.1:9/account/"), Style(on=False)))
    assert "http://127.0.0.1:9/account/api/v1/ssocookie" in text
    assert "as good as your password" in text
    assert "private window" in text
    assert "accepted the terms" in text


def test_the_steps_say_before_anybody_signs_up_who_must_verify_an_age():
    text = " ".join(" ".join(login.steps(PsnSettings(), Style(on=False))).split())
    assert "accounts of the United Kingdom and Ireland need a verified age for parties" in text
    assert "A new account is not verified" in text


def test_the_paste_comes_from_a_file(tmp_path):
    file = tmp_path / "npsso"
    file.write_text("  abc\n")
    assert login._pasted(str(file), PsnSettings()) == "abc"
    with pytest.raises(CommandError, match="cannot be read"):
        login._pasted(str(tmp_path / "none"), PsnSettings())
    file.write_text(" \n")
    with pytest.raises(CommandError, match="Nothing was pasted"):
        login._pasted(str(file), PsnSettings())


def test_without_a_terminal_it_does_not_wait_for_a_paste(monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(UsageError, match="no terminal"):
        login._pasted("", PsnSettings())


def test_a_browser_opens_at_the_sign_in_page_only_where_there_is_a_screen(monkeypatch, capsys):
    opened: list[str] = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr("cli.account.hidden_prompt.ask", lambda prompt, look: f"{len(prompt) > 0} {look}")
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert login._pasted("", PsnSettings()) == "True None"
    assert opened == []
    monkeypatch.setenv("DISPLAY", ":0")
    login._pasted("", PsnSettings())
    assert opened == ["https://www.playstation.com"]
    assert "Paste it here" in capsys.readouterr().out


def script(file: Path, text: str) -> None:
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


class Screen:
    """`partyline login` on a terminal of its own, on a desktop with an xclip and a browser."""

    def __init__(self, home: Home, folder: Path) -> None:
        self.clip, self.urls = folder / "clip", folder / "urls"
        self.clip.write_text("x" + NPSSO[1:])
        script(folder / "xclip", f"cat {self.clip}")
        script(folder / "browser", f'echo "$1" >> {self.urls}')
        env = {key: value for key, value in home.env.items() if key != "WAYLAND_DISPLAY"}
        env |= {
            "PATH": f"{folder}:{env['PATH']}",
            "DISPLAY": ":99",
            "BROWSER": f"{folder}/browser %s",
            "PARTYLINE_PSN__ACCOUNT_URL": "http://127.0.0.1:1",
            "PARTYLINE_PSN__RETRIES": "1",
            "PARTYLINE_AUTH__STORE": "file",
        }
        self.person, program = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cli", "login"], stdin=program, stdout=program, stderr=program,
            cwd=CHECKOUT, env=env, start_new_session=True,
        )  # fmt: skip
        os.close(program)
        self.seen = ""

    def until(self, text: str, limit_s: float = 60.0) -> None:
        deadline = time.monotonic() + limit_s
        while text not in self.seen:
            assert time.monotonic() < deadline, f"{text!r} did not come: {self.seen}"
            if not select.select([self.person], [], [], 0.2)[0]:
                continue
            try:
                self.seen += os.read(self.person, 4096).decode("utf-8", "replace")
            except OSError:  # the other end is closed, which Linux tells so
                assert text in self.seen, self.seen

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.person)


@pytest.fixture
def screen(home: Home, tmp_path: Path) -> Iterator[Screen]:
    made = Screen(home, tmp_path)
    yield made
    made.end()


def test_what_is_copied_is_taken_from_the_clipboard_and_never_shown(screen):
    screen.until("NPSSO (hidden):")
    assert "reads the clipboard" in screen.seen
    screen.clip.write_text(f'{{"npsso":"{NPSSO}"}}\n')
    screen.until("The NPSSO was taken from the clipboard.")
    screen.until("The pipeline still uses the simulator.")
    assert screen.process.wait(60) == 1
    assert NPSSO not in screen.seen
    assert screen.urls.read_text().strip() == "https://www.playstation.com"


def test_a_key_ends_the_looking_and_a_paste_is_taken(screen):
    screen.until("NPSSO (hidden):")
    os.write(screen.person, b"a@b.")
    os.write(screen.person, b"example\n")
    screen.until("That is an e-mail address")
    assert screen.process.wait(60) == 1
    assert "a@b.example" not in screen.seen
    assert "Taken from" not in screen.seen


def test_ctrl_c_ends_it_and_nothing_has_changed(screen, home):
    screen.until("NPSSO (hidden):")
    screen.process.send_signal(signal.SIGINT)
    assert screen.process.wait(60) == 130
    assert not home.paths.settings_file.exists()
