"""`login` and `demo` change one line of the settings file and nothing else."""

from __future__ import annotations

import pytest

from cli.account import login
from cli.shared.failures import CommandError, UsageError
from cli.shared.output import Style
from common.config import realm
from common.config.settings import load
from common.config.tables import Psn
from common.errors import SettingsError
from common.files.paths import Paths

MINE = """\
# my settings
[audio]
device = "BlackHole"   # the loopback

[psn]
country = "DE"  # here
realm = "simulator"  # for now
"""


def test_comments_and_order_survive():
    changed = realm.with_realm(MINE, "playstation")
    assert changed == MINE.replace('realm = "simulator"', 'realm = "playstation"')


def test_a_missing_table_or_file_is_made(tmp_path):
    paths = Paths(tmp_path / "home")
    assert realm.choose(paths, "playstation")
    assert load(paths, {}).psn.realm == "playstation"
    assert not realm.choose(paths, "playstation")
    assert paths.settings_file.stat().st_mode & 0o777 == 0o600


def test_a_dotted_key_is_changed_where_it_stands():
    assert realm.with_realm('psn.realm = "simulator"\n', "playstation") == 'psn.realm = "playstation"\n'


@pytest.mark.parametrize("broken", ["[psn\n", "psn = 3\n"])
def test_a_broken_file_is_left_as_it_is(broken, tmp_path):
    paths = Paths(tmp_path)
    paths.settings_file.write_text(broken)
    with pytest.raises(SettingsError):
        realm.choose(paths, "playstation")
    assert paths.settings_file.read_text() == broken


def test_a_link_to_the_settings_stays_a_link(tmp_path):
    real = tmp_path / "dotfiles.toml"
    real.write_text(MINE)
    paths = Paths(tmp_path / "home")
    paths.home.mkdir()
    paths.settings_file.symlink_to(real)
    realm.choose(paths, "playstation")
    assert paths.settings_file.is_symlink()
    assert 'realm = "playstation"' in real.read_text()


def test_the_environment_wins_and_is_named_when_it_says_something_else(tmp_path, monkeypatch):
    monkeypatch.setenv("PARTYLINE_PSN__REALM", "simulator")
    with pytest.raises(SettingsError, match="PARTYLINE_PSN__REALM=simulator"):
        realm.choose(Paths(tmp_path), "playstation")
    monkeypatch.setenv("PARTYLINE_PSN__REALM", "playstation")
    assert not realm.choose(Paths(tmp_path), "playstation")
    assert not Paths(tmp_path).settings_file.exists()


def test_the_steps_name_the_page_of_the_settings_and_what_an_npsso_is():
    text = "\n".join(login.steps(Psn(account_url="http://127.0.0.1:9/account/"), Style(on=False)))
    assert "http://127.0.0.1:9/account/api/v1/ssocookie" in text
    assert "as good as your password" in text
    assert "private window" in text
    assert "accepted the terms" in text


def test_the_steps_say_before_anybody_signs_up_who_must_verify_an_age():
    text = " ".join(" ".join(login.steps(Psn(), Style(on=False))).split())
    assert "Accounts of the United Kingdom and Ireland need a verified age for parties" in text
    assert "a brand-new account is not verified" in text


def test_the_paste_comes_from_a_file(tmp_path):
    file = tmp_path / "npsso"
    file.write_text("  abc\n")
    assert login._pasted(str(file), Psn()) == "abc"
    with pytest.raises(CommandError, match="cannot be read"):
        login._pasted(str(tmp_path / "none"), Psn())
    file.write_text(" \n")
    with pytest.raises(CommandError, match="Nothing was pasted"):
        login._pasted(str(file), Psn())


def test_without_a_terminal_it_does_not_wait_for_a_paste(monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(UsageError, match="no terminal"):
        login._pasted("", Psn())


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
    assert login._pasted("", Psn()) == "True None"
    assert opened == []
    monkeypatch.setenv("DISPLAY", ":0")
    login._pasted("", Psn())
    assert opened == ["https://www.playstation.com"]
    assert "Paste it here" in capsys.readouterr().out
