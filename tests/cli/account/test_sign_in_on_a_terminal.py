"""`partyline login` on a terminal: hidden pastes, and a clipboard that is looked at with care."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.account import clipboard, hidden_prompt
from cli.account.clipboard import BROKEN_LIMIT, ClipboardWatch, is_sign_in, tool
from common.config.tables import Psn
from common.files.paths import CHECKOUT
from tests.cli.running import Home

PSN = Psn()
NPSSO = "aB3" * 21 + "x"
REDIRECT = "com.scee.psxandroid.scecompcall://redirect?code=v3.abcdef&cid=1"


# --- what is taken from the clipboard -----------------------------------------------------------------


@pytest.mark.parametrize("text", [NPSSO, f"  {NPSSO}\n", json.dumps({"npsso": NPSSO}), REDIRECT])
def test_an_npsso_its_json_and_our_redirect_with_a_code_are_taken(text):
    assert is_sign_in(text, PSN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        NPSSO[:-1],
        NPSSO + "a",
        f"my key: {NPSSO}",
        hashlib.sha256(b"a commit").hexdigest(),
        "a" * 64,
        "7" * 64,
        "correct horse battery staple",
        json.dumps({"npsso": "short"}),
        json.dumps({"npsso": 7}),
        json.dumps([NPSSO]),
        '{"npsso":"' + NPSSO,
        "com.scee.psxandroid.scecompcall://redirect?cid=1",
        "com.scee.psxandroid.scecompcall://redirect?error=login_required",
        "https://example.com/?code=v3.abcdef",
    ],
)
def test_nothing_else_is(text):
    assert not is_sign_in(text, PSN)


class Clip:
    def __init__(self, *texts: str | None) -> None:
        self.texts = list(texts)
        self.reads = 0

    def read(self) -> str | None:
        self.reads += 1
        return self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]


def test_what_lay_there_before_is_not_taken_and_what_is_copied_then_is():
    watch = ClipboardWatch(Clip(NPSSO, NPSSO, "something", "x" + NPSSO[1:]).read, PSN)
    assert [watch.poll() for _ in range(3)] == [None, None, "x" + NPSSO[1:]]


def test_a_tool_that_fails_is_not_asked_for_ever():
    clip = Clip(None)
    watch = ClipboardWatch(clip.read, PSN)
    for _ in range(BROKEN_LIMIT + 5):
        assert watch.poll() is None
    assert not watch.useful
    assert clip.reads == BROKEN_LIMIT + 1


def test_the_tool_is_that_of_the_desktop_and_none_is_asked_without_a_screen():
    def all_there(name: str) -> str:
        return f"/bin/{name}"

    assert tool("linux", {}, all_there) is None
    assert tool("darwin", {}, all_there).name == "pbpaste"
    assert tool("linux", {"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, all_there).name == "wl-paste"
    assert tool("linux", {"DISPLAY": ":0"}, all_there).command == ("/bin/xclip", "-selection", "clipboard", "-o")
    only_xclip: Callable[[str], str | None] = {"xclip": "/x/xclip"}.get
    assert tool("linux", {"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, only_xclip).name == "xclip"
    assert tool("linux", {"WAYLAND_DISPLAY": "w"}, only_xclip) is None


def test_a_tool_that_has_nothing_to_give_is_not_a_broken_one(tmp_path):
    assert clipboard.read(clipboard.Tool("none", (str(tmp_path / "none"),))) is None
    assert clipboard.read(clipboard.Tool("false", ("/bin/sh", "-c", "echo no; exit 1"))) == ""
    assert clipboard.read(clipboard.Tool("echo", ("/bin/sh", "-c", "printf hello"))) == "hello"


# --- typing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (b"abc\n", "abc"),
        (b"abc\r", "abc"),
        (b"abx\x7fc\n", "abc"),
        (b"wrong\x15abc\n", "abc"),
        (b"abc\x04", "abc"),
        (b"\x1b[200~abc\x1b[201~\n", "abc"),
        (b'{"npsso":\n "x"\n}\n', '{"npsso":\n "x"\n}'),
        (b'{"npsso":\n\n', '{"npsso":'),
        (b"\n", ""),
        ("ä\n".encode(), "ä"),
    ],
)
def test_keys_become_the_text_that_was_meant(keys, text):
    assert hidden_prompt.Line().feed(keys) == text
    slow = hidden_prompt.Line()
    assert [slow.feed(bytes([key])) for key in keys][-1] == text


def test_ctrl_d_on_an_empty_line_is_the_end():
    with pytest.raises(EOFError):
        hidden_prompt.Line().feed(b"\x04")


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal: the person's, the program's."""
    person, program = pty.openpty()
    yield person, program
    os.close(person)
    os.close(program)


def shown(person: int) -> bytes:
    found = b""
    while select.select([person], [], [], 0)[0]:
        found += os.read(person, 4096)
    return found


def test_nothing_of_a_paste_is_shown_and_the_terminal_is_as_before(terminal, capsys):
    person, program = terminal
    before = termios.tcgetattr(program)
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        os.write(person, NPSSO.encode() + b"\nthe rest\n")

    assert hidden_prompt.ask("? ", look, fd=program) == NPSSO
    assert len(looks) == 1, "the first key ends the looking"
    assert NPSSO.encode() not in shown(person)
    assert termios.tcgetattr(program) == before
    assert not select.select([program], [], [], 0)[0], "what was pasted beyond the end is thrown away"
    assert capsys.readouterr().out == "? \n"


def test_what_the_looking_finds_is_taken(terminal):
    assert hidden_prompt.ask("? ", Clip(None, None, "found").read, fd=terminal[1]) == "found"


def test_the_looking_ends_after_its_time_and_the_question_stays(terminal):
    person, program = terminal
    now = [0.0]
    looks: list[float] = []

    def look() -> None:
        looks.append(now[0])
        now[0] += hidden_prompt.POLL_FOR_S

    def clock() -> float:
        if looks:
            os.write(person, b"typed\n")
        return now[0]

    assert hidden_prompt.ask("? ", look, fd=program, clock=clock) == "typed"
    assert looks == [0.0]


# --- the whole ----------------------------------------------------------------------------------------


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
    screen.until("Taken from the clipboard.")
    screen.until("The pipeline stays with the simulator.")
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
