"""`partyline service install`, `remove` and `render`."""

from __future__ import annotations

import argparse
import getpass
import os
import pwd
import sys
from dataclasses import dataclass
from pathlib import Path

from cli.machine.service import checks, managers, spec
from cli.machine.service.checks import Place
from cli.machine.service.manager import Manager
from cli.machine.service.spec import LOG_NAME, Spec
from cli.shared import supervisor as supervisors
from cli.shared.failures import OK, CommandError
from cli.shared.supervisor import conf_file
from cli.shared.terminal import echo
from common.config.settings import load
from common.errors import PartylineError
from common.files.paths import CHECKOUT, Paths, variables_of, write_atomically


@dataclass(frozen=True)
class ServiceOwner:
    """Who the service is for."""

    uid: int
    name: str
    home: Path
    has_root: bool
    """Whether this command may do what root may."""
    by_sudo: bool = False
    """Whether root runs this command for that user."""

    @classmethod
    def of_environment(cls) -> ServiceOwner:
        """Return the user of this process, or the one who called sudo."""
        sudo_user = os.environ.get("SUDO_USER", "")
        if os.geteuid() != 0 or sudo_user in {"", "root"}:
            return cls(os.getuid(), getpass.getuser(), Path.home(), os.geteuid() == 0)
        entry = pwd.getpwnam(sudo_user)
        os.environ["HOME"] = entry.pw_dir  # the folders of partyline are that user's too
        return cls(entry.pw_uid, sudo_user, Path(entry.pw_dir), has_root=True, by_sudo=True)


def install(args: argparse.Namespace) -> int:
    owner = ServiceOwner.of_environment()
    paths = Paths.of_environment()
    found = managers.every(paths, owner.home, owner.uid)
    manager = managers.wanted(found, daemon=args.daemon)
    settings = load(paths)
    _check(paths, owner, found, manager)
    wanted = spec_of(manager, paths, owner)
    _make_folders(paths, owner)
    if manager.needs_root and not owner.has_root:
        _say_commands(manager, wanted, paths)
    else:
        _install(manager, wanted, paths)
    folder = settings.recorder.folder
    recordings = paths.home / Path(folder).expanduser() if folder else paths.recordings
    notes = [
        *checks.store_remark(settings, daemon=manager.needs_root, headless="SSH_CONNECTION" in os.environ),
        *checks.recordings_remark(recordings.resolve(), owner.home.resolve(), managers.PLATFORM),
        *checks.variables_remark(os.environ),
    ]
    for remark in [*manager.remarks(), *notes]:
        echo(f"  {remark}")
    return OK


def remove(args: argparse.Namespace) -> int:
    del args
    owner = ServiceOwner.of_environment()
    paths = Paths.of_environment()
    found = managers.installed(managers.every(paths, owner.home, owner.uid))
    if not found:
        echo("No service is installed for this home.")
    for manager in found:
        if manager.needs_root and not owner.has_root:
            raise CommandError(f"{manager.file} can be removed by root only.", "Run: sudo partyline service remove")
        echo("Stopping the service. It leaves the party …")
        manager.unload()
        manager.file.unlink(missing_ok=True)
        manager.reload()
        echo(f"Removed {manager.file}. Settings, sign-in and recordings are still in {paths.home}.")
    return OK


def render(args: argparse.Namespace) -> int:
    owner = ServiceOwner.of_environment()
    paths = Paths.of_environment()
    manager = managers.wanted(managers.every(paths, owner.home, owner.uid), daemon=args.daemon)
    sys.stdout.write(manager.render(spec_of(manager, paths, owner)).decode())
    return OK


def spec_of(manager: Manager, paths: Paths, owner: ServiceOwner) -> Spec:
    """Return what `manager` is to run for this home, by this Python."""
    language = "en_US.UTF-8" if managers.PLATFORM == "darwin" else "C.UTF-8"
    environment = spec.environment(os.environ, paths.home, sys.executable, language=language) | variables_of(paths)
    if manager.needs_root:
        environment["HOME"] = str(owner.home)
    return Spec(
        name=manager.name,
        program=spec.program(sys.executable),
        environment=environment,
        home=paths.home,
        log=paths.log / LOG_NAME,
        user=owner.name if manager.needs_root else "",
    )


def _check(paths: Paths, owner: ServiceOwner, found: list[Manager], manager: Manager) -> None:
    """Raise `CommandError` if the service could not run, or would disturb what is there."""
    if owner.uid == 0 and managers.PLATFORM == "darwin":
        raise CommandError(
            "partyline does not run as root.", "Run the command as the user whose party it is, with sudo for --daemon."
        )
    places = [
        Place("This checkout" if (CHECKOUT / "Makefile").exists() else "This installation", CHECKOUT.resolve()),
        Place("Its Python", Path(sys.prefix).resolve()),
        Place("The home of partyline", paths.home.resolve()),
        Place("The supervisor's configuration", conf_file(paths).resolve()),
    ]
    checks.refuse_protected(places, owner.home.resolve(), managers.PLATFORM)
    for other in managers.installed(found):
        if other is not manager:
            raise CommandError(
                f"The service is installed as a {other.kind} already.",
                "Remove it first: `partyline service remove`",
            )
    checks.refuse_other_home(_installed_home(manager), paths.home, manager.file)
    if supervisors.find(paths) is not None and not _is_of_service(manager):
        raise CommandError(
            "The pipeline runs already, and not by a service.",
            "Stop it with `partyline down`, then run `partyline service install` again.",
        )


def _installed_home(manager: Manager) -> str:
    try:
        return manager.environment(manager.file.read_bytes()).get("PARTYLINE_HOME", "")
    except OSError:
        return ""


def _is_of_service(manager: Manager) -> bool:
    return manager.file.exists() and bool(manager.state().pid)


def _make_folders(paths: Paths, owner: ServiceOwner) -> None:
    """Create the home and the log, so that both belong to the user, whoever opens the log for launchd."""
    if not owner.by_sudo:
        paths.make()
    elif not paths.log.is_dir() or paths.log.stat().st_uid != owner.uid:  # root would make folders of its own
        raise CommandError(
            f"{owner.name} has no folder {paths.log} yet.", "Run `partyline up` and `partyline down` once without sudo."
        )
    log = paths.log / LOG_NAME
    log.touch(mode=0o600)
    if owner.by_sudo:
        os.chown(log, owner.uid, -1)


def _say_commands(manager: Manager, wanted: Spec, paths: Paths) -> None:
    rendered = paths.home / manager.file.name
    write_atomically(rendered, manager.render(wanted), mode=0o644)
    echo(f"A {manager.kind} is installed by root. Its file is written: {rendered}. Run these commands:")
    for command in manager.commands(rendered):
        echo(f"  {command}")


def _install(manager: Manager, wanted: Spec, paths: Paths) -> None:
    manager.file.parent.mkdir(parents=True, exist_ok=True)
    before = manager.file.read_bytes() if manager.file.exists() else None
    if before is not None and manager.state().pid:
        echo("Stopping the service that runs now. It leaves the party …")
    write_atomically(manager.file, manager.render(wanted), mode=0o644)
    try:
        manager.load()
    except PartylineError:
        if before is None:  # nothing that fails at each login is left behind
            manager.file.unlink(missing_ok=True)
        raise
    echo(f"Installed and started as a {manager.kind}: {manager.file}")
    echo(f"Its home is {paths.home}. `partyline service status` shows its state, `partyline status` the party.")
