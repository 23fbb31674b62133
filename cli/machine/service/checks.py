"""What is checked before a service is installed, and what the user is told about it. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.machine.service.spec import left_out
from cli.shared.failures import CommandError
from cli.shared.terminal import listed
from common.config.tables import Settings
from common.system.protected_folders import protected_by


@dataclass(frozen=True)
class Place:
    """A folder that the service needs."""

    what: str
    path: Path
    """Without links in it."""


def refuse_protected(places: Sequence[Place], user_home: Path, platform: str) -> None:
    """Raise `CommandError` for a folder that launchd's processes may not read."""
    for place in places:
        if words := protected_by(place.path, user_home, platform):
            raise CommandError(
                f"{place.what} is in {words} ({place.path}). macOS does not let a service read there.",
                f"Move it into another folder of {user_home}, e.g. {user_home / 'partyline'}. "
                "Set it up again there (`make setup`), then run `partyline service install`.",
            )


def refuse_other_home(installed_home: str, home: Path, file: Path) -> None:
    """Raise `CommandError` if the installed service is for another home."""
    if installed_home and Path(installed_home) != home:
        raise CommandError(
            f"{file} is the service of another home, {installed_home}.",
            f"Remove it first: PARTYLINE_HOME='{installed_home}' partyline service remove",
        )


def store_remark(settings: Settings, *, daemon: bool, headless: bool) -> list[str]:
    """Return what to do where the service will find no open keychain."""
    if settings.auth.store == "file" or not (daemon or headless):
        return []
    why = "A LaunchDaemon has no login keychain." if daemon else "Without a login at the screen a keychain is locked."
    how = "`partyline config set auth.store file`, then `partyline login` again."
    return [f"{why} To keep the sign-in in a file that only you can read: {how}"]


def recordings_remark(recordings: Path, user_home: Path, platform: str) -> list[str]:
    words = protected_by(recordings, user_home, platform)
    if not words:
        return []
    remedy = "Choose another `[recorder] folder`, or allow Python under Privacy & Security, Full Disk Access."
    return [f"Recordings go to {words} ({recordings}), where macOS may not let a service write. {remedy}"]


def variables_remark(environ: Mapping[str, str]) -> list[str]:
    names = left_out(environ)
    if not names:
        return []
    remedy = "Put settings into partyline.toml, and a proxy with a password into the service's file."
    return [f"The service does not get {listed(names)} from this shell. {remedy}"]


def differences(installed: bytes, rendered: bytes, program: Sequence[str], *, program_is_there: bool) -> str:
    """Return in words how an installed file differs from what this version would write, or ""."""
    if program and not program_is_there:
        return f"its program is gone ({program[0]})"
    return "" if installed == rendered else "this version would write another one"
