"""`partyline dashboard`: the addresses, and new keys."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from cli import __main__ as entry
from common.config.pages import load_keys
from common.config.settings import load
from common.errors import PartylineError
from common.files.paths import Paths
from common.obs import page_urls


@pytest.fixture
def paths(home: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("PARTYLINE_HOME", str(home))
    return Paths(home)


def test_the_addresses_for_obs_hold_the_reading_key_only(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(["dashboard", "--print"]) == 0
    keys = load_keys(paths)
    lines = capsys.readouterr().out.splitlines()
    assert [line.rpartition("  ")[2] for line in lines] == [
        f"http://127.0.0.1:8770/?key={keys.full}",
        f"http://127.0.0.1:8770/start?key={keys.full}",
        f"http://127.0.0.1:8770/dock?key={keys.full}",
        f"http://127.0.0.1:8770/overlay-setup?key={keys.full}",
        f"http://127.0.0.1:8770/overlay?key={keys.read}",
        f"http://127.0.0.1:8770/obs-audio?key={keys.read}",
        f"http://127.0.0.1:8770/obs-stream?key={keys.read}",
        "http://127.0.0.1:8770/api",
    ]


def test_other_devices_have_an_address_only_where_they_are_let_in(
    paths: Paths, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTYLINE_DASHBOARD__LISTEN", "0.0.0.0")
    monkeypatch.setattr("socket.gethostname", lambda: "Avas-Mac.fritz.box")
    assert entry.main(["dashboard", "--others"]) == 0
    keys, lines = load_keys(paths), capsys.readouterr().out.splitlines()
    assert lines[0].endswith(f"https://avas-mac.local:8770/?key={keys.full}")
    assert any(line.endswith(f"https://avas-mac.local:8770/overlay?key={keys.read}") for line in lines)
    monkeypatch.delenv("PARTYLINE_DASHBOARD__LISTEN")
    assert entry.main(["dashboard", "--others"]) == 1
    assert "partyline https on" in capsys.readouterr().err


def test_new_keys_are_drawn_on_demand_only(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    keys = load_keys(paths)
    assert entry.main(["dashboard", "key"]) == 0
    assert load_keys(paths) == keys
    assert entry.main(["dashboard", "--new"]) == 2
    assert load_keys(paths) == keys
    assert entry.main(["dashboard", "key", "--new"]) == 0
    assert load_keys(paths).full not in (keys.full, "")
    assert "The old keys are invalid." in capsys.readouterr().out


def test_the_browser_opens_the_dashboard_where_there_is_one(
    paths: Paths, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert entry.main(["dashboard"]) == 0
    assert opened == []  # nobody is there: whoever takes the port next would be given the key
    capsys.readouterr()
    monkeypatch.setattr("common.config.dashboard_owner.owner", lambda *_: "ours")
    assert entry.main(["dashboard"]) == 0
    keys = load_keys(paths)
    assert opened == [f"http://127.0.0.1:8770/?key={keys.full}"]
    said = capsys.readouterr()
    assert keys.full not in said.out
    assert "partyline up" in said.err


class Foreign(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(f"{self.path} {self.headers}")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"f" * 64)

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("words", [["dashboard"], ["dashboard", "--print"], ["dashboard", "key"]])
def test_no_key_is_handed_out_towards_another_programs_port(
    paths: Paths, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("webbrowser.open", opened.append)
    keys = load_keys(paths)
    with ThreadingHTTPServer(("127.0.0.1", 0), Foreign) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PARTYLINE_DASHBOARD__PORT", str(server.server_port))
        assert entry.main(words) == 1
        with pytest.raises(PartylineError, match="Another program"):
            page_urls.url(paths, load(paths), "/overlay")
        server.shutdown()
    said = "".join(capsys.readouterr())
    assert "Another program, or the dashboard of another $PARTYLINE_HOME, answers" in said
    assert not opened
    for key in (keys.full, keys.read):
        assert key not in said + "".join(Foreign.asked)
