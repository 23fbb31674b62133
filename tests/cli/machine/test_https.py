"""`partyline https`, and `--at MACHINE dashboard` with `obs`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli import __main__ as entry
from cli.machine import https
from cli.obs import direct
from cli.obs.obs import for_far_obs
from cli.shared import far
from cli.shared.failures import CommandError
from cli.shared.pages import qr
from cli.shared.pages.page_list import page_list
from common.config.https.certificate_store import authority_file, certificate_file, load
from common.config.pages import Keys
from common.config.settings import load as settings_of
from common.config.tables import ObsSettings, Settings
from common.files.paths import Paths
from common.system import trust_store
from common.system.trust_store import TrustChange


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    monkeypatch.delenv("PARTYLINE_DASHBOARD__LISTEN", raising=False)
    monkeypatch.setattr("socket.gethostname", lambda: "avas-mac")
    monkeypatch.setattr("common.config.https.own_names._addresses", lambda: ["192.168.1.7", "8.8.8.8", "fd00::7"])
    monkeypatch.setattr(trust_store, "is_trusted", lambda _name: False)
    monkeypatch.setattr(https, "_answers", lambda _dashboard: False)
    return Paths(tmp_path)


def test_the_pages_are_opened_and_closed_by_a_setting(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(["https"]) == 0
    assert "open to this machine only" in capsys.readouterr().out
    assert not authority_file(paths).exists()
    assert entry.main(["https", "on"]) == 0
    out = capsys.readouterr().out
    assert "https://avas-mac.local:8770/" in out
    assert "https://192.168.1.7:8770/" in out
    assert "fd00" not in out  # it listens on IPv4
    assert "not at 8.8.8.8" in out
    assert "Nothing answers there now" in out
    assert "http://avas-mac.local:8770/certificate" in out
    assert settings_of(paths).dashboard.listen == "0.0.0.0"
    first = load(paths)
    assert entry.main(["https", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["open"], shown["addresses"][0]) == (True, "https://avas-mac.local:8770")
    assert shown["sha256"] in out
    assert entry.main(["https", "off"]) == 0
    assert settings_of(paths).dashboard.listen == "127.0.0.1"
    assert load(paths) == first
    assert entry.main(["https", "new"]) == 0
    assert load(paths) != first


def test_a_variable_that_wins_is_told(
    paths: Paths, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTYLINE_DASHBOARD__LISTEN", "127.0.0.1")
    assert entry.main(["https", "on"]) == 1
    assert "PARTYLINE_DASHBOARD__LISTEN" in capsys.readouterr().err


def test_this_machine_trusts_it_on_demand(
    paths: Paths, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Path, str]] = []

    def trust(certificate: Path, name: str) -> TrustChange:
        asked.append((certificate, name))
        return TrustChange(("Done.",), ("Firefox is yours.",))

    monkeypatch.setattr(trust_store, "trust", trust)
    monkeypatch.setattr(trust_store, "distrust", trust)
    assert entry.main(["https", "--trust"]) == 0
    assert asked == [(certificate_file(paths), "partyline on avas-mac.local")]
    assert capsys.readouterr().out.splitlines() == ["Done.", "Firefox is yours."]
    assert entry.main(["https", "--untrust"]) == 0
    assert entry.main(["https", "--trust", "--untrust"]) == 2


def test_a_machine_that_may_listen_is_shown_no_page_that_it_cannot_open() -> None:
    lines = page_list("http://127.0.0.1:8780", Keys(full="", read="r"))
    assert not any(line.endswith("key=") for line in lines)
    assert any("/overlay?key=r" in line for line in lines)
    assert len(page_list("http://127.0.0.1:8780", Keys(full="f", read="r"))) > len(lines)


def test_a_code_is_drawn_in_lines_of_one_width() -> None:
    lines = qr.qr_lines("https://avas-mac.local:8770/?key=x")
    assert len({len(line) for line in lines}) == 1
    assert len(lines) > 10


# --- the pages of a paired machine ------------------------------------------------------------------


async def test_obs_gets_the_addresses_of_the_paired_machine_with_its_reading_key(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def keys(_paths: Paths, _port: int) -> Keys:
        return Keys(full="controls", read="listens")

    monkeypatch.setenv(far.AT_VARIABLE, "spare")
    monkeypatch.setattr(direct, "keys_of_machine", keys)
    make = await direct._urls(paths, Settings(), "")
    assert make("/overlay", "") == "http://127.0.0.1:8780/overlay?key=listens"
    assert make("/obs-audio", "Bo & Co").endswith("/obs-audio?key=listens&talker=Bo+%26+Co")
    with pytest.raises(CommandError, match="another machine"):
        await direct._urls(paths, Settings(), "192.168.1.7")


def test_an_obs_on_another_machine_has_to_trust_the_certificate(paths: Paths) -> None:
    del paths
    assert for_far_obs(Settings()) == []
    (line,) = for_far_obs(Settings(obs=ObsSettings(host="studio.local")))
    assert "http://avas-mac.local:8770/certificate" in line


@pytest.mark.parametrize(
    "words", [("dashboard", "key"), ("dashboard", "--others"), ("obs", "test"), ("obs", "overlay", "--remove")]
)
def test_what_only_the_machine_itself_does_is_a_usage_error(
    paths: Paths, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    del paths
    assert entry.main(["--at", "spare", *words]) == 2
    assert capsys.readouterr().err
