"""`partyline config`: what it shows, writes and refuses."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from cli.__main__ import main
from common.config import settings
from common.config.explained import explanations
from common.config.tables import Settings
from common.files.paths import Paths

SECRET = "hunter2 the secret"


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    for name in ("PARTYLINE_CONF", "EDITOR", "VISUAL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path / "home"))
    return Paths.of_environment()


def written(paths: Paths) -> str:
    return paths.settings_file.read_text("utf-8") if paths.settings_file.exists() else ""


def test_every_setting_has_its_explanation() -> None:
    names = {
        (table, key) for table in Settings.__struct_fields__ for key in getattr(Settings(), table).__struct_fields__
    }
    assert set(explanations()) == names
    assert explanations()["psn", "account_url"] == "Sign-in and tokens."


@pytest.mark.parametrize(
    ("name", "words", "value"),
    [
        ("audio.delay_ms", "120", 120.0),
        ("audio.sink", "null", "null"),
        ("audio.routes", '{"Bo-Streams": 3}', {"Bo-Streams": 3}),
        ("ice.stun_servers", "stun:one, stun:two", ["stun:one", "stun:two"]),
        ("media.try_forms", "false", False),
    ],
)
def test_a_value_is_written_read_back_and_removed(paths, capsys, name, words, value):
    paths.make()
    paths.settings_file.write_text("# mine\n[log]\nlevel = 'info' # why\n")
    assert main(["config", "set", name, words]) == 0
    assert written(paths).startswith("# mine\n[log]\nlevel = 'info' # why\n")
    settings.load(paths, {})
    capsys.readouterr()
    assert main(["config", "get", name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == value
    assert main(["config", "list"]) == 0
    assert f"{name} = " in capsys.readouterr().out
    assert main(["config", "unset", name]) == 0
    capsys.readouterr()
    assert main(["config", "list", "--json"]) == 0
    assert name not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["audio.delay_ms", "99999"], 1, "audio.delay_ms: must be at most 2000."),
        (["audio.nix", "1"], 2, "There is no setting 'audio.nix'."),
        (["delay_ms", "1"], 2, "There is no setting 'delay_ms'."),
        (["psn.account_url", "http://example.com"], 1, "would send tokens in the clear"),
        (["audio.delay_ms"], 2, "the value is missing"),
        (["obs.password", SECRET], 2, "obs.password is secret"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(paths, capsys, monkeypatch, words, code, says):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    if words == ["audio.delay_ms"]:
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert main(["config", "set", *words]) == code
    assert says.rstrip(".") in capsys.readouterr().err
    assert written(paths) == ""


def test_a_file_with_another_fault_is_not_written_over(paths, capsys):
    paths.make()
    paths.settings_file.write_text("[audio]\nnix = 1\n")
    assert main(["config", "set", "audio.delay_ms", "5"]) == 1
    assert "nix" in capsys.readouterr().err
    assert written(paths) == "[audio]\nnix = 1\n"


def test_a_secret_is_taken_from_standard_input_and_never_shown(paths, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SECRET}\n"))
    assert main(["config", "set", "obs.password", "-"]) == 0
    for words in (["list"], ["list", "obs"], ["list", "--all", "--json"], ["get", "obs.password"]):
        assert main(["config", *words]) == 0
    out = capsys.readouterr()
    assert SECRET not in out.out + out.err
    assert "[hidden]" in out.out
    assert settings.load(paths, {}).obs.password == SECRET
    assert paths.settings_file.stat().st_mode & 0o077 == 0


def test_secrets_within_a_table_are_taken_from_standard_input_and_never_shown(paths, capsys, monkeypatch):
    url, secret = "https://example.com/planted-token", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    hooks = json.dumps({"chat": {"url": url, "secret": secret, "members": ["Bo"]}})
    assert main(["config", "set", "webhooks.hooks", hooks]) == 2
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{hooks}\n"))
    assert main(["config", "set", "webhooks.hooks", "-"]) == 0
    for words in (["list"], ["list", "webhooks"], ["list", "--all", "--json"], ["get", "webhooks.hooks"]):
        assert main(["config", *words]) == 0
    out = capsys.readouterr()
    assert "planted" not in out.out + out.err
    assert secret not in out.out + out.err
    assert "Bo" in out.out
    assert settings.load(paths, {}).webhooks.hooks["chat"].url == url


def test_a_variable_that_wins_is_named(paths, capsys, monkeypatch):
    monkeypatch.setenv("PARTYLINE_AUDIO__DELAY_MS", "7")
    assert main(["config", "set", "audio.delay_ms", "5"]) == 0
    assert "PARTYLINE_AUDIO__DELAY_MS, and it wins" in capsys.readouterr().err
    assert main(["config", "list"]) == 0
    assert "audio.delay_ms = 7.0   (by PARTYLINE_AUDIO__DELAY_MS)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("editor", "code", "text"),
    [
        ("sed -i.bak s/info/debug/", 0, "[log]\nlevel = 'debug'\n"),
        ("sed -i.bak s/info/nix/", 1, "[log]\nlevel = 'info'\n"),
        ("true", 0, "[log]\nlevel = 'info'\n"),
        ("false", 1, "[log]\nlevel = 'info'\n"),
        ("/none/there", 1, "[log]\nlevel = 'info'\n"),
    ],
)
def test_what_the_editor_leaves_is_checked_before_it_counts(paths, monkeypatch, editor, code, text):
    paths.make()
    paths.settings_file.write_text("[log]\nlevel = 'info'\n")
    monkeypatch.setenv("EDITOR", editor)
    assert main(["config", "edit"]) == code
    assert written(paths) == text
