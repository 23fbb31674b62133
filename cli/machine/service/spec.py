"""What a service runs, as launchd and systemd are told it. No I/O."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from cli.shared.supervisor import CONF_VARIABLE

LABEL = "de.partyline"
UNIT = "partyline"
STOP_LIMIT_S = 60
"""ExitTimeOut of launchd, TimeoutStopSec of systemd. More than the stop may take (`unattended.EXIT_S`)."""
RESTART_S = 30
"""Wait before a service that failed is started again. A killed pipeline needs up to 8 s until its last worker has ended
(measured), and a fault that only a person can mend costs two log lines each time."""
LOG_NAME = "service.log"
_FOLDERS = ("/opt/homebrew/bin", "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")
_OF_THE_NETWORK = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True)
class Spec:
    """One service."""

    name: str
    """launchd's label, or the unit's name without its suffix."""
    program: tuple[str, ...]
    environment: Mapping[str, str]
    home: Path
    """`$PARTYLINE_HOME`, and the folder it runs in."""
    log: Path
    user: str = ""
    """Who it runs as. Empty: whoever owns the login session."""

    def with_environment(self, installed: Mapping[str, str]) -> Spec:
        """Return it with the variables of an installed service, but this home. Another shell is no difference."""
        return replace(self, environment={**installed, "PARTYLINE_HOME": str(self.home)})


def name_of(base: str, home: Path, default_home: Path) -> str:
    """Return the service's name. The default home has `base`, another one its own, so that both can be installed."""
    if home == default_home:
        return base
    return f"{base}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:8]}"


def program(executable: str) -> tuple[str, ...]:
    """Return the command line. `-P` keeps the home, which is the working directory, out of Python's import path."""
    return (executable, "-P", "-m", "cli", "up", "--foreground", "--service")


def environment(environ: Mapping[str, str], home: Path, executable: str, *, language: str) -> dict[str, str]:
    """Return the variables of a service that is installed from a shell with `environ`. `language`: the default LANG.

    A proxy with a password is left out, because everybody on the machine may read the service's file.
    """
    lang = environ.get("LANG", "")
    folders = dict.fromkeys([str(Path(executable).parent), *_FOLDERS])
    found = {
        "LANG": lang if "utf" in lang.lower() else language,
        "PARTYLINE_HOME": str(home),
        "PATH": ":".join(folders),
    }
    if conf := environ.get(CONF_VARIABLE):
        found[CONF_VARIABLE] = str(Path(conf).expanduser().absolute())
    for name in _network_variables(environ):
        if not _has_password(environ[name]):
            found[name] = environ[name]
    return found


def left_out(environ: Mapping[str, str]) -> list[str]:
    """Return the variables that change partyline in this shell and that the service does not get."""
    settings = [name for name in environ if name.startswith("PARTYLINE_") and "__" in name]
    proxies = [name for name in _network_variables(environ) if _has_password(environ[name])]
    return sorted(settings) + proxies


def _network_variables(environ: Mapping[str, str]) -> list[str]:
    names = [name for upper in _OF_THE_NETWORK for name in (upper, upper.lower())]
    return [name for name in names if environ.get(name)]


def _has_password(value: str) -> bool:
    try:
        return urlsplit(value if "//" in value else f"//{value}").password is not None
    except ValueError:
        return "@" in value
