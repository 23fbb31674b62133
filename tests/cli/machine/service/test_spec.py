"""What a service runs, and what it gets of the shell that installs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.machine.service.spec import LABEL, STOP_LIMIT_S, Spec, environment, left_out, name_of, program
from cli.pipeline import unattended
from cli.pipeline.launch import STOP_S

PYTHON = "/opt/pl/.venv/bin/python"
HOME = Path("/Users/ann/pl")


def test_the_program_is_this_python_with_the_one_command_and_no_import_from_the_working_directory() -> None:
    assert program(PYTHON) == (PYTHON, "-P", "-m", "cli", "up", "--foreground", "--service")


def test_it_gets_a_language_its_home_and_a_path_that_has_its_own_python_first() -> None:
    found = environment({}, HOME, PYTHON, language="en_US.UTF-8")
    assert found["LANG"] == "en_US.UTF-8"
    assert found["PARTYLINE_HOME"] == str(HOME)
    assert found["PATH"].split(":")[0] == "/opt/pl/.venv/bin"
    assert "/usr/bin" in found["PATH"].split(":")
    assert set(found) == {"LANG", "PARTYLINE_HOME", "PATH"}


@pytest.mark.parametrize(("lang", "gets"), [("de_DE.UTF-8", "de_DE.UTF-8"), ("C", "C.UTF-8"), ("", "C.UTF-8")])
def test_a_language_without_utf_8_is_replaced(lang: str, gets: str) -> None:
    assert environment({"LANG": lang}, HOME, PYTHON, language="C.UTF-8")["LANG"] == gets


def test_proxies_and_certificates_go_along_but_no_password_does() -> None:
    shell = {"HTTPS_PROXY": "http://ann:geheim@proxy:3128", "no_proxy": "example.org", "SSL_CERT_FILE": "/etc/ca.pem",
             "all_proxy": "ann:geheim@proxy:1080", "HTTP_PROXY": "http://proxy:3128"}  # fmt: skip
    found = environment(shell, HOME, PYTHON, language="C.UTF-8")
    assert found["no_proxy"] == "example.org"
    assert found["SSL_CERT_FILE"] == "/etc/ca.pem"
    assert found["HTTP_PROXY"] == "http://proxy:3128"
    assert "geheim" not in str(found)
    assert left_out(shell) == ["HTTPS_PROXY", "all_proxy"]


def test_settings_of_the_shell_are_left_out_and_named() -> None:
    shell = {"PARTYLINE_AUDIO__SINK": "null", "PARTYLINE_OBS__PASSWORD": "geheim", "PARTYLINE_HOME": "/x"}
    assert left_out(shell) == ["PARTYLINE_AUDIO__SINK", "PARTYLINE_OBS__PASSWORD"]
    assert "geheim" not in str(environment(shell, HOME, PYTHON, language="C.UTF-8"))


def test_the_usual_home_has_the_plain_name_and_each_other_one_its_own() -> None:
    names = {name_of(LABEL, home, HOME) for home in (HOME, Path("/a"), Path("/b"))}
    assert len(names) == 3
    assert name_of(LABEL, HOME, HOME) == LABEL
    assert all(name.startswith(LABEL) for name in names)


def test_another_shell_makes_no_other_service_but_another_home_does() -> None:
    installed = {"LANG": "de_DE.UTF-8", "PATH": "/old", "PARTYLINE_HOME": "/elsewhere"}
    wanted = Spec("n", program(PYTHON), {"LANG": "C.UTF-8"}, HOME, HOME / "log")
    assert wanted.with_environment(installed).environment == {**installed, "PARTYLINE_HOME": str(HOME)}


def test_the_stop_has_less_time_than_launchd_and_systemd_give_it() -> None:
    assert STOP_S < unattended.EXIT_S < STOP_LIMIT_S
