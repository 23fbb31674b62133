"""The keys: who may what, where they lie, how a page is addressed."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from common.config.pages import (
    Keys,
    base_url,
    base_url_for_others,
    draw_keys,
    keys_file,
    load_keys,
    page_url,
    replace_full_key,
)
from common.config.tables import DashboardSettings
from common.errors import PartylineError
from common.files.paths import Paths


def test_keys_are_drawn_once_and_only_their_owner_may_read_them(home: Path) -> None:
    paths = Paths(home)
    keys = load_keys(paths)
    assert load_keys(paths) == keys
    assert keys.full != keys.read
    assert keys_file(paths).stat().st_mode & 0o777 == 0o600
    assert len(list(paths.secrets.iterdir())) == 1


def test_new_keys_end_the_old_ones(home: Path) -> None:
    paths = Paths(home)
    old = load_keys(paths)
    new = draw_keys(paths)
    assert load_keys(paths) == new
    assert keys_file(paths).stat().st_mode & 0o777 == 0o600
    assert [new.rights(key) for key in (old.full, old.read, new.full, new.read)] == ["", "", "full", "read"]


@pytest.mark.parametrize("wrong", ["", "x", "é\ud800", "0" * 32])
def test_nothing_but_a_key_is_a_key(wrong: str) -> None:
    keys = Keys.drawn()
    assert keys.rights(wrong) == ""
    assert keys.rights(keys.full[:-1]) == ""


def test_the_key_for_full_control_is_replaced_alone(home: Path) -> None:
    paths = Paths(home)
    old = load_keys(paths)
    new = replace_full_key(paths)
    assert (load_keys(paths), new.read) == (new, old.read)
    assert [new.rights(key) for key in (old.full, old.read)] == ["", "read"]


def test_a_broken_file_is_told_with_what_to_do(home: Path) -> None:
    keys_file(Paths(home)).write_text("{")
    with pytest.raises(PartylineError) as caught:
        load_keys(Paths(home))
    assert "dashboard key --new" in caught.value.remedy


def test_a_page_has_an_address_on_this_machine_whatever_is_listened_on() -> None:
    url = urlsplit(page_url(DashboardSettings(), "obs-audio", "k-1", talker="Bo & Co"))
    assert (url.netloc, url.path) == ("127.0.0.1:8770", "/obs-audio")
    assert parse_qs(url.query) == {"key": ["k-1"], "talker": ["Bo & Co"]}
    assert base_url(DashboardSettings(listen="0.0.0.0", port=1)) == "http://127.0.0.1:1"
    assert base_url(DashboardSettings(listen="::1")) == "http://[::1]:8770"
    assert base_url(DashboardSettings(listen="192.168.1.5")) == "http://127.0.0.1:8770"


@pytest.mark.parametrize(
    ("listen", "own_address", "address"),
    [
        ("0.0.0.0", "192.168.1.7", "https://192.168.1.7:8770"),
        ("::", "fd00::7", "https://[fd00::7]:8770"),
        ("::", "fe80::7", "https://avas-mac.local:8770"),  # a URL has no place for the interface
        ("0.0.0.0", "fd00::7", "https://avas-mac.local:8770"),  # it does not listen there
        ("0.0.0.0", "8.8.8.8", "https://avas-mac.local:8770"),  # no certificate has a public address
        ("10.0.0.5", "192.168.1.7", "https://10.0.0.5:8770"),
    ],
)
def test_another_machine_gets_an_address_that_works_there(listen: str, own_address: str, address: str) -> None:
    settings = DashboardSettings(listen=listen)
    assert base_url_for_others(settings, own_address, "avas-mac.local") == address


def test_a_dashboard_for_this_machine_only_is_said_to_be_one() -> None:
    with pytest.raises(PartylineError, match="open to this one only") as caught:
        base_url_for_others(DashboardSettings(), "192.168.1.7", "avas-mac.local")
    assert "partyline https on" in caught.value.remedy
