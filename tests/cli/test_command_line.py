"""Every command explains itself, and says in two lines what went wrong."""

from __future__ import annotations

import errno
import os

import pytest

from cli import __main__ as entry
from cli.party import leave
from cli.shared.failures import OK, USAGE, CommandError, two_lines
from common.errors import PartylineError
from tests.structure.code import files, loaded, part_of


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    try:
        code = entry.main(list(words))
    except SystemExit as end:  # argparse's --help
        code = int(end.code or 0)
    found = capsys.readouterr()
    return code, found.out, found.err


@pytest.mark.parametrize("name", entry.COMMANDS)
def test_every_command_has_a_help_with_an_example_and_the_exit_codes(name, capsys):
    code, out, _ = run(capsys, name, "--help")
    assert code == OK
    assert f"example:\n  partyline {name}" in out
    assert "130  stopped by Ctrl-C" in out


def test_the_overview_names_every_command(capsys):
    code, out, _ = run(capsys, "--help")
    assert code == OK
    assert all(f"\n  {name} " in out for name in entry.COMMANDS)


def test_every_command_that_a_module_offers_is_in_a_group_of_the_overview():
    for module in [name for name in files() if part_of(name) == "cli"]:
        for name in getattr(loaded(module), "COMMANDS", {}) if module != "cli.__main__" else ():
            assert entry.COMMANDS.get(name, ("",))[0] == module, f"{name} of {module} is in no group of cli/__main__.py"


@pytest.mark.parametrize(
    "words",
    [
        ["statsu"],
        ["status", "--frob"],
        ["up", "--for", "soon"],
        ["up", "--for", "-3"],
        ["gain", "Bo"],
        ["gain", "Bo", "21"],
        ["gain", "Bo", "nan"],
        ["master", "--delay", "2001"],
        ["master", "--levelling", "loud"],
        ["device"],
        ["restart"],
        ["tap", "no.such.topic"],
        ["tap", "--audio", "Bo"],
        ["login", "--npsso"],
    ],
)
def test_what_is_not_understood_is_two_lines_and_exit_code_2(words, capsys):
    code, out, err = run(capsys, *words)
    assert code == USAGE
    assert out == ""
    assert len(err.splitlines()) == 2


def test_a_misspelt_command_is_answered_with_the_near_one(capsys):
    assert "Did you mean `partyline status`?" in run(capsys, "statsu")[2]


@pytest.mark.parametrize(
    "name",
    [
        "status",
        "down",
        "restart all",
        "parties",
        "join",
        "leave",
        "gain Bo 1",
        "mute Bo",
        "unmute Bo",
        "solo Bo",
        "voice Bo",
        "master",
        "devices",
        "tap",
    ],
)
def test_without_a_pipeline_it_says_how_to_start_one_and_exits_with_3(name, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    monkeypatch.setenv("PARTYLINE_CONF", str(tmp_path / "none.conf"))
    assert run(capsys, *name.split()) == (3, "", "The pipeline is not running.\nStart it with `partyline up`.\n")


def test_an_error_is_always_two_lines_whatever_it_carries():
    error = PartylineError("A\nlong  story.", "", reference_id="abc")
    assert two_lines(error) == "A long story. (reference abc)\nSee `partyline status` for open problems.\n"


def test_a_broken_settings_file_is_named(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    (tmp_path / "partyline.toml").write_text("[psn]\nrelm = 'x'\n")
    code, _, err = run(capsys, "up")
    assert code == 1
    assert str(tmp_path / "partyline.toml") in err
    assert len(err.splitlines()) == 2


@pytest.fixture
def failing(monkeypatch):
    """Makes `partyline leave` raise what it is given."""

    def fail_with(error: BaseException) -> None:
        def raise_it(_: object) -> int:
            raise error

        command = leave.COMMANDS["leave"]
        monkeypatch.setitem(leave.COMMANDS, "leave", type(command)(command.description, command.example, raise_it))

    return fail_with


def test_an_unexpected_fault_is_two_lines_and_its_traceback_lies_in_a_file_without_secrets(
    failing, capsys, tmp_path, monkeypatch
):
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    failing(RuntimeError("no way with npsso=verysecret"))
    code, _, err = run(capsys, "leave")
    log = tmp_path / "log" / "cli-crash.log"
    assert code == 1
    assert len(err.splitlines()) == 2
    assert str(log) in err
    assert "Traceback" in log.read_text()
    assert "verysecret" not in err + log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_ctrl_c_ends_with_130_and_no_traceback(failing, capsys):
    failing(KeyboardInterrupt())
    assert run(capsys, "leave") == (130, "", "")


def test_a_failure_exits_with_1(failing, capsys):
    failing(CommandError("It failed.", "Try again."))
    assert run(capsys, "leave") == (1, "", "It failed.\nTry again.\n")


@pytest.mark.parametrize("code", [errno.EROFS, errno.ENOSPC, errno.EACCES])
def test_what_the_machine_refuses_is_a_sentence_and_no_fault_to_report(failing, capsys, code):
    failing(OSError(code, os.strerror(code), "/home/x/run"))
    status, _, err = run(capsys, "leave")
    assert status == 1
    assert err.splitlines()[0] == f"/home/x/run: {os.strerror(code)}."
    assert "report" not in err
