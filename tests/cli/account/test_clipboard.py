"""What is taken from the clipboard during a sign-in, and what is not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import pytest

from cli.account import clipboard
from cli.account.clipboard import BROKEN_LIMIT, ClipboardWatch, is_sign_in, tool
from common.config.tables import PsnSettings

PSN = PsnSettings()
NPSSO = "aB3" * 21 + "x"
REDIRECT = "com.scee.psxandroid.scecompcall://redirect?code=v3.abcdef&cid=1"


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


def test_over_ssh_the_clipboard_is_another_machines():
    assert tool("darwin", {"SSH_CONNECTION": "192.0.2.1 5 192.0.2.2 22"}, lambda name: f"/bin/{name}") is None


def test_with_a_count_of_changes_it_is_read_after_a_change_only():
    counts = iter([3, 3, 3, 4, 4, 5])
    clip = Clip("something", NPSSO)
    watch = ClipboardWatch(clip.read, PSN, lambda: next(counts), asks=True)
    assert clip.reads == 0
    assert [watch.poll() for _ in range(5)] == [None, None, None, None, NPSSO]
    assert clip.reads == 2


def test_where_each_read_may_ask_the_person_one_that_hangs_is_the_last():
    counts = iter(range(10))
    clip = Clip(None)
    watch = ClipboardWatch(clip.read, PSN, lambda: next(counts), asks=True)
    assert [watch.poll() for _ in range(5)] == [None] * 5
    assert clip.reads == 1
    assert not watch.useful
