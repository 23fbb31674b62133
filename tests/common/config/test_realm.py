"""A change of realm changes one line of the settings file and nothing else."""

from __future__ import annotations

import pytest

from common.config import realm
from common.config.settings import load
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
