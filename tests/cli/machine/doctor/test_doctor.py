"""`partyline doctor` as it is called."""

from __future__ import annotations

import json

import pytest

from cli import __main__ as entry
from cli.machine.doctor import view
from cli.machine.doctor.check import CheckFinding
from cli.shared.terminal import Style
from common.config.settings import load
from common.errors import SettingsError
from common.files.paths import Paths


@pytest.fixture(autouse=True)
def _home(monkeypatch, tmp_path):
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path / "home"))


def test_json_is_all_there_is_on_standard_output(capsys) -> None:
    assert entry.main(["doctor", "--json", "--only", "settings", "--only", "python", "--offline"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["format"], found["exit_code"], found["offline"]) == (1, 0, True)
    assert [one["id"] for one in found["findings"]] == ["python", "settings"]
    assert set(found["findings"][0]) == {"id", "title", "severity", "sentence", "remedy", "evidence"}


def test_broken_settings_are_an_error_and_the_rest_is_looked_at(capsys, tmp_path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "partyline.toml").write_text("[audio\n")
    assert entry.main(["doctor", "--only", "settings", "--only", "python"]) == 5
    out = capsys.readouterr().out
    assert out.startswith("error        Settings")
    assert "Python: Python 3." in out
    assert "2 checks: 1 error" in out


def test_it_makes_no_home(capsys, tmp_path) -> None:
    assert entry.main(["doctor", "--offline", "--only", "home", "--only", "port", "--only", "set-aside"]) in (0, 5)
    assert not (tmp_path / "home").exists()


def test_an_unknown_check_is_refused_with_those_that_exist(capsys) -> None:
    assert entry.main(["doctor", "--only", "soul"]) == 2
    assert "keychain" in capsys.readouterr().err


def test_checks_that_cannot_be_made_here_are_refused(capsys) -> None:
    assert entry.main(["doctor", "--only", "stun", "--offline"]) == 2
    assert "--offline" in capsys.readouterr().err


def test_help_says_whom_it_contacts_and_what_the_exit_codes_mean(capsys) -> None:
    with pytest.raises(SystemExit):
        entry.main(["doctor", "--help"])
    out = capsys.readouterr().out
    assert "Whom it contacts" in out
    assert "Never PlayStation" in out
    assert all(line in out for line in ("0    nothing stands in the way", "4    the worst", "5    there is an error"))


@pytest.mark.parametrize("host", ["m.np.playstation.com", "playstation.net", "ca.account.sony.com."])
def test_a_server_of_playstation_is_not_asked_for_the_time(host: str, tmp_path) -> None:
    with pytest.raises(SettingsError, match="belongs to PlayStation"):
        load(Paths(tmp_path), {"PARTYLINE_DOCTOR__DATE_URL": f"https://{host}/"})


def test_a_finding_is_a_sentence_with_a_remedy_and_no_control_characters() -> None:
    found = CheckFinding(
        id="x", title="Speakers", severity="warning", sentence="It \x1b[2Jsays nothing.", remedy="Wait.", evidence={}
    )
    assert view.lines([found], Style(on=False), 60) == [
        "warning      Speakers",
        "             It �[2Jsays nothing.",
        "             → Wait.",
        "",
        "1 check: 0 errors, 1 warning and 0 notes.",
    ]
