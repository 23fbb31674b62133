"""A finder for the supervisord of a home, by its workers' notes or by the configuration that `up` starts."""

from __future__ import annotations

import configparser
import contextlib
import os
import sys
import time
from collections.abc import Collection
from pathlib import Path

from common.errors import SupervisorError
from common.files.paths import CHECKOUT, Paths, is_checkout, variables_of
from common.run.programs import CONF, SOCKET, home_conf
from common.run.supervisor import DOWN, Process, Supervisor, Unreachable

__all__ = ["DOWN", "Process", "Supervisor", "Unreachable", "conf_file", "conf_of_home", "find", "log_folder", "of_conf"]

CONF_VARIABLE = "PARTYLINE_CONF"
BROKER = "broker"
NOTE_S = 5.0
"""Age of a running broker at which it has surely noted its supervisord. It takes a second on a slow machine."""


def _named(given: str) -> Path | None:
    named = given or os.environ.get(CONF_VARIABLE, "")
    return Path(named).expanduser().absolute() if named else None


def conf_file(paths: Paths, given: str = "") -> Path:
    """Return the configuration that `up` starts.

    It is `given`, or `$PARTYLINE_CONF`, or for the checkout's own home the checkout's, or for any other home one in it.
    """
    if named := _named(given):
        return named
    own = is_checkout() and paths.home.resolve() == (CHECKOUT / "var").resolve()
    return CHECKOUT / CONF if own else paths.home / CONF


def is_made(paths: Paths, conf: Path) -> bool:
    """Return whether `up` writes this configuration itself."""
    return conf == paths.home / CONF and conf_file(paths) == conf


def conf_of_home(paths: Paths, only: Collection[str] = ()) -> str:
    """Return the text of the configuration in a home. `only` names programs, if not all of them.

    Raises `ValueError`, which names what supervisord cannot be told.
    """
    return home_conf(
        python=sys.executable, home=paths.home, log=paths.log, run=paths.run, environment=variables_of(paths), only=only
    )


def log_folder(paths: Paths, conf: Path) -> Path:
    """Return where supervisord and the workers log, by the configuration that `up` starts."""
    return paths.log if is_made(paths, conf) else conf.parent / "var" / "log"


def _conf_url(conf: Path) -> str:
    """Return the URL of the UNIX socket that `conf` names, or "" if it names none."""
    parser = configparser.RawConfigParser(strict=False, inline_comment_prefixes=(" ;", "\t;"))
    try:
        parser.read(conf, encoding="utf-8")
        file = parser.get("unix_http_server", "file", fallback="")
    except (configparser.Error, OSError, UnicodeDecodeError):
        return ""
    return f"unix://{file.replace('%(here)s', str(conf.parent))}" if file else ""


def of_conf(conf: Path) -> Supervisor:
    """Return the supervisord that `conf` describes, whether it runs or not."""
    return Supervisor(_conf_url(conf) or "unix:///nowhere")


def of_home(paths: Paths, conf: Path) -> Supervisor:
    """Return the supervisord of `paths` that `conf` starts, whether it runs or not."""
    return Supervisor(f"unix://{paths.run / SOCKET}") if is_made(paths, conf) else of_conf(conf)


def _noted_url(paths: Paths) -> str:
    try:
        return paths.supervisor_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _noted_pid(paths: Paths) -> int:
    with contextlib.suppress(OSError, ValueError):
        return int(paths.supervisor_pid_file.read_text("ascii"))
    return 0


def find(paths: Paths, conf: str = "") -> Supervisor | None:
    """Return the supervisord of this pipeline, or None if none answers.

    A named configuration is the only candidate. Otherwise they are the one that the home's workers noted, which may be
    gone, and the one that `up` would start. Such a one can serve another home, whose name it was started with.
    """
    if named := _named(conf):
        supervisor = of_conf(named)
        return supervisor if supervisor.alive() and _has_broker(supervisor) else None
    for url in dict.fromkeys((_noted_url(paths), of_home(paths, conf_file(paths)).url)):
        if url.startswith(("unix://", "http://")):
            supervisor = Supervisor(url)
            if supervisor.alive() and _serves(supervisor, paths):
                return supervisor
    return None


def _has_broker(supervisor: Supervisor) -> bool:
    """Return whether it has a pipeline's programs. The URL may be of another supervisord, of the user's shell."""
    try:
        return any(process.name == BROKER for process in supervisor.processes())
    except SupervisorError:
        return True  # it is stopping


def _serves(supervisor: Supervisor, paths: Paths) -> bool:
    """Return whether it runs the pipeline of this home. Each worker notes its supervisord in its own home."""
    while True:
        try:
            broker = next((process for process in supervisor.processes() if process.name == BROKER), None)
            if broker is None:
                return False
            if broker.state != "RUNNING":
                return True
        except SupervisorError:
            return True  # it is stopping
        pid, noted = supervisor.pid(), _noted_pid(paths)
        if pid in (0, noted) or (not noted and _noted_url(paths) == supervisor.url):  # before version 0.2 the URL alone
            return True
        if not 0 <= time.time() - broker.started_at < NOTE_S:
            return False
        time.sleep(0.1)
