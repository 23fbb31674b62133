"""`partyline service` with launchd, by a stand-in for launchctl."""

from __future__ import annotations

import plistlib
import sys
from pathlib import Path

import pytest

from cli.machine.service import install, launchctl
from cli.machine.service.install import ServiceOwner
from cli.shared import supervisor as supervisors
from cli.shared.supervisor import Supervisor
from tests.cli.machine.service.conftest import Make

NO_DOMAIN = "Domain does not support specified action"
IO_ERROR = "Bootstrap failed: 5: Input/output error\nTry re-running the command as root for richer errors."


def test_installed_it_runs_and_removed_it_is_gone(machine: Make) -> None:
    mac = machine("darwin")
    code, out, err = mac.run("install")
    assert (code, err) == (0, "")
    assert "Installed and started as a LaunchAgent" in out
    assert "It starts when you log in." in out
    keys = plistlib.loads(mac.agent.read_bytes())
    assert keys["ProgramArguments"][0] == sys.executable
    assert keys["EnvironmentVariables"]["PARTYLINE_HOME"] == str(mac.paths.home)
    assert (mac.paths.log / "service.log").exists()  # launchd makes no folder for its log
    target = f"gui/501/{keys['Label']}"
    assert ["launchctl", "bootstrap", "gui/501", str(mac.agent)] in mac.fakes.calls
    assert ["launchctl", "enable", target] in mac.fakes.calls
    code, out, _ = mac.run("status")
    assert code == 0
    assert "running, process 4242" in out
    assert "File" not in out
    file = mac.agent
    code, out, _ = mac.run("remove")
    assert code == 0
    assert not file.exists()
    assert not mac.fakes.state["loaded"]
    assert mac.run("status")[0] == 3


def test_installed_again_the_old_one_is_unloaded_first(machine: Make) -> None:
    mac = machine("darwin")
    mac.run("install")
    code, out, _ = mac.run("install")
    assert code == 0
    assert "Stopping the service that runs now" in out
    assert mac.fakes.verbs()[-4:] == ["bootout", "enable", "bootstrap", "kickstart"]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"bootstrap": [(1, f"Bootstrap failed: 125: {NO_DOMAIN}")]}, "Nobody is logged in"),
        ({"bootstrap": [(5, IO_ERROR)], "domain": [(125, NO_DOMAIN)] * 2}, "Nobody is logged in"),
        ({"bootstrap": [(5, IO_ERROR), (5, IO_ERROR)]}, "launchd does not take"),
        ({"bootstrap": [(78, "Bootstrap failed: 78: Function not implemented")]}, "78: Function not implemented"),
    ],
)  # fmt: skip
def test_what_launchd_does_not_take_is_a_sentence_and_leaves_no_file(
    machine: Make, answers: dict[str, list[tuple[int, str]]], said: str
) -> None:
    mac = machine("darwin")
    mac.fakes.answer(**answers)
    code, _, err = mac.run("install")
    assert code == 1
    what, remedy = err.splitlines()
    assert said in what
    assert remedy
    assert not list((mac.user / "Library" / "LaunchAgents").iterdir())


def test_what_is_half_loaded_is_unloaded_and_loaded_once_more(machine: Make) -> None:
    mac = machine("darwin")
    mac.fakes.answer(bootstrap=[(5, IO_ERROR)])
    code, _, err = mac.run("install")
    assert (code, err) == (0, "")
    assert mac.fakes.verbs().count("bootstrap") == 2


def test_a_service_that_is_still_stopping_is_waited_for(machine: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    mac = machine("darwin")
    mac.run("install")
    looks = iter(range(100))
    monkeypatch.setattr(launchctl, "POLL_S", 0.0)
    monkeypatch.setattr(launchctl.time, "sleep", lambda _: next(looks) >= 2 and mac.fakes.become(loaded=False, pid=0))
    mac.fakes.answer(bootout=[(36, "Boot-out failed: 36: Operation now in progress")])
    assert mac.run("remove")[0] == 0
    assert next(looks) >= 3


def test_one_that_launchd_does_not_unload_is_a_sentence_and_keeps_its_file(machine: Make) -> None:
    mac = machine("darwin")
    mac.run("install")
    mac.fakes.answer(bootout=[(9, "Boot-out failed: 9: Bad file descriptor")])
    code, _, err = mac.run("remove")
    assert code == 1
    assert "launchd does not unload the service: Boot-out failed: 9" in err
    assert mac.agent.exists()


def test_a_machine_without_launchctl_is_told_so(machine: Make) -> None:
    mac = machine("darwin")
    mac.fakes.remove("launchctl")
    assert mac.run("install")[2].splitlines()[0] == launchctl.NO_LAUNCHCTL


@pytest.mark.parametrize("folder", ["Desktop", "Documents", "Downloads", "Library/Mobile Documents/pl"])
def test_a_home_in_a_protected_folder_is_refused(machine: Make, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    mac = machine("darwin")
    (mac.user / "link").symlink_to(mac.user / folder)
    for home in (mac.user / folder / "pl", mac.user / "link" / "pl"):
        monkeypatch.setenv("PARTYLINE_HOME", str(home))
        code, _, err = mac.run("install")
        assert code == 1
        assert "macOS does not let a service read there" in err
    assert mac.fakes.verbs() == []


def test_a_checkout_in_a_protected_folder_is_refused(machine: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    mac = machine("darwin")
    monkeypatch.setattr(install, "CHECKOUT", mac.user / "Documents" / "partyline")
    assert "is in the Documents folder" in mac.run("install")[2]


def test_a_pipeline_that_runs_by_hand_is_not_disturbed(machine: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    mac = machine("darwin")
    monkeypatch.setattr(supervisors, "find", lambda *_: Supervisor("unix:///none"))
    code, _, err = mac.run("install")
    assert code == 1
    assert err.splitlines()[0] == "The pipeline runs already, and not by a service."
    assert mac.fakes.verbs() == []


def test_settings_that_cannot_be_used_are_told_before_anything_is_installed(machine: Make) -> None:
    mac = machine("darwin")
    mac.paths.make()
    mac.paths.settings_file.write_text("[audio]\nsink = 7\n")
    assert mac.run("install")[0] == 1
    assert mac.fakes.verbs() == []


def test_a_daemon_is_written_and_its_commands_are_said(machine: Make) -> None:
    mac = machine("darwin")
    code, out, _ = mac.run("install", "--daemon")
    assert code == 0
    rendered = next(mac.paths.home.glob("*.plist"))
    assert plistlib.loads(rendered.read_bytes())["UserName"] == "ann"
    assert f"sudo install -o root -g wheel -m 644 '{rendered}' '{mac.daemons / rendered.name}'" in out
    assert f"sudo launchctl bootstrap system '{mac.daemons / rendered.name}'" in out
    assert "`partyline config set auth.store file`" in out
    assert mac.fakes.verbs() == []


def test_root_installs_the_daemon_for_the_user_who_called_sudo(machine: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    mac = machine("darwin")
    ann = ServiceOwner(501, "ann", mac.user, has_root=True)
    monkeypatch.setattr(ServiceOwner, "of_environment", lambda: ann)
    assert mac.run("install", "--daemon")[0] == 0
    file = next(mac.daemons.glob("*.plist"))
    keys = plistlib.loads(file.read_bytes())
    assert (keys["UserName"], keys["EnvironmentVariables"]["HOME"]) == ("ann", str(mac.user))
    assert ["launchctl", "bootstrap", "system", str(file)] in mac.fakes.calls
    code, _, err = mac.run("install")
    assert code == 1
    assert "installed as a LaunchDaemon already" in err
    assert mac.run("remove")[0] == 0
    assert not file.exists()


def test_only_root_removes_a_daemon(machine: Make) -> None:
    mac = machine("darwin")
    mac.daemons.mkdir()
    mac.run("install", "--daemon")
    rendered = next(mac.paths.home.glob("*.plist"))
    rendered.rename(mac.daemons / rendered.name)
    code, _, err = mac.run("remove")
    assert code == 1
    assert "sudo partyline service remove" in err


def test_root_is_not_who_partyline_runs_as(machine: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    mac = machine("darwin")
    monkeypatch.setattr(
        ServiceOwner, "of_environment", lambda: ServiceOwner(0, "root", Path("/var/root"), has_root=True)
    )
    assert mac.run("install", "--daemon")[2].splitlines()[0] == "partyline does not run as root."


def test_a_headless_install_suggests_the_file_for_the_sign_in_and_changes_nothing(
    machine: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    mac = machine("darwin")
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
    assert "`partyline config set auth.store file`" in mac.run("install")[1]
    assert not mac.paths.settings_file.exists()
    mac.paths.settings_file.write_text('[auth]\nstore = "file"\n')
    assert "keychain" not in mac.run("install")[1]


def test_after_an_update_the_status_says_that_the_file_is_another(machine: Make) -> None:
    mac = machine("darwin")
    mac.run("install")
    keys = plistlib.loads(mac.agent.read_bytes())
    mac.agent.write_bytes(plistlib.dumps({**keys, "ExitTimeOut": 20}))
    code, out, _ = mac.run("status")
    assert code == 0
    assert "this version would write another one" in out
    mac.agent.write_bytes(plistlib.dumps({**keys, "ProgramArguments": ["/gone/python", "-m", "cli"]}))
    assert "its program is gone (/gone/python)" in mac.run("status")[1]
    mac.agent.write_bytes(b"")
    assert "this version would write another one" in mac.run("status")[1]


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("78: EX_CONFIG", "tells what has to be mended"),
        ("1", "It is tried again by itself"),
        ("0", "starts it again"),
        ("(never exited)", "starts it again"),
    ],
)
def test_a_service_that_does_not_run_has_a_remedy(machine: Make, last: str, said: str) -> None:
    mac = machine("darwin")
    mac.run("install")
    mac.fakes.become(pid=0, last=last)
    code, out, _ = mac.run("status")
    assert code == 3
    assert "not running (not running)" in out
    assert said in out


def test_the_status_as_json(machine: Make) -> None:
    mac = machine("darwin")
    assert mac.run("status", "--json")[0] == 3
    mac.run("install")
    code, out, _ = mac.run("status", "--json")
    assert code == 0
    assert '"pid": 4242' in out


def test_logs_shows_the_end_of_the_services_own_file(machine: Make) -> None:
    mac = machine("darwin")
    assert mac.run("logs")[0] == 1
    mac.run("install")
    mac.run("logs", "-n", "7", "-f")
    assert ["tail", "-n", "7", "-F", str(mac.paths.log / "service.log")] in mac.fakes.calls


def test_render_prints_what_install_writes(machine: Make) -> None:
    mac = machine("darwin")
    out = mac.run("render")[1]
    mac.run("install")
    assert plistlib.loads(out.encode()) == plistlib.loads(mac.agent.read_bytes())
    assert "UserName" in mac.run("render", "--daemon")[1]
