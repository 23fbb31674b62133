"""A finder for the supervisord of a pipeline, by its workers' URL file or by the configuration that `up` starts."""

from __future__ import annotations

import configparser
import os
from pathlib import Path

from common.errors import SupervisorError
from common.files.paths import CHECKOUT, Paths
from common.run.supervisor import DOWN, Process, Supervisor, Unreachable

__all__ = ["DOWN", "Process", "Supervisor", "Unreachable", "conf_file", "find", "of_conf"]

CONF_VARIABLE = "PARTYLINE_CONF"
BROKER = "broker"


def conf_file(given: str = "") -> Path:
    """Return the configuration that `up` starts, which is `given`, `$PARTYLINE_CONF`, or the checkout's."""
    named = given or os.environ.get(CONF_VARIABLE, "")
    return Path(named).expanduser().absolute() if named else CHECKOUT / "supervisord.conf"


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


def _noted_url(paths: Paths) -> str:
    try:
        return paths.supervisor_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def find(paths: Paths, conf: str = "") -> Supervisor | None:
    """Return the supervisord of this pipeline, or None if none answers.

    A named configuration is the only candidate. Otherwise the URL that its workers wrote to `paths` is
    probed first, since that file may be stale, and then the socket of the checkout's configuration.
    """
    named = bool(conf or os.environ.get(CONF_VARIABLE))
    urls = [_conf_url(conf_file(conf))]
    if not named:
        urls.insert(0, _noted_url(paths))
    for url in dict.fromkeys(urls):
        if url.startswith(("unix://", "http://")):
            supervisor = Supervisor(url)
            if supervisor.alive() and _is_ours(supervisor):
                return supervisor
    return None


def _is_ours(supervisor: Supervisor) -> bool:
    """Return whether it has a pipeline's programs. The URL may be of another supervisord, of the user's shell."""
    try:
        return any(process.name == BROKER for process in supervisor.processes())
    except SupervisorError:
        return True  # it is stopping
