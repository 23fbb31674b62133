"""What runs services on this machine: launchd on macOS, the user's systemd elsewhere."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cli.machine.service.launchctl import Launchd
from cli.machine.service.manager import Manager
from cli.machine.service.spec import LABEL, UNIT, name_of
from cli.machine.service.systemctl import SystemdUser
from cli.shared.failures import UsageError
from common.files.paths import Paths

PLATFORM = sys.platform
DAEMONS = Path("/Library/LaunchDaemons")


def default_home() -> Path:
    """Return the home that this installation has without `$PARTYLINE_HOME`."""
    named = os.environ.pop("PARTYLINE_HOME", None)
    try:
        return Paths.of_environment().home
    finally:
        if named is not None:
            os.environ["PARTYLINE_HOME"] = named


def every(paths: Paths, user_home: Path, uid: int) -> list[Manager]:
    """Return all that can run this home's service here, the usual one first."""
    if PLATFORM == "darwin":
        name = name_of(LABEL, paths.home, default_home())
        file = f"{name}.plist"
        return [
            Launchd(name, user_home / "Library" / "LaunchAgents" / file, f"gui/{uid}", paths),
            Launchd(name, DAEMONS / file, "system", paths),
        ]
    config = os.environ.get("XDG_CONFIG_HOME", "")
    folder = (Path(config) if config else user_home / ".config") / "systemd" / "user"
    return [SystemdUser(name_of(UNIT, paths.home, default_home()), folder)]


def wanted(found: list[Manager], *, daemon: bool) -> Manager:
    """Return the one to install. Raises `UsageError`."""
    if not daemon:
        return found[0]
    if PLATFORM != "darwin":
        raise UsageError(
            "A LaunchDaemon is for macOS only.",
            "Here the service of your user starts at boot after: loginctl enable-linger",
        )
    return found[1]


def installed(found: list[Manager]) -> list[Manager]:
    """Return those whose file is there."""
    return [manager for manager in found if os.path.lexists(manager.file)]
