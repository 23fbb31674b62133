"""The programs of the pipeline, and the supervisord configuration made from them. No I/O.

`python -m common.run.programs > supervisord.conf` makes the checkout's file. `partyline up` writes that of any other
home.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

CONF = "supervisord.conf"
SOCKET = "supervisor.sock"
"""supervisord's own socket, in a home's `run`."""
UNFIT = "\n\r\0"
"""Characters that no line of a configuration can have."""

_RESTARTED = ("autorestart=true",)
_UNLESS_FINISHED = ("autorestart=unexpected", "exitcodes=0")
_MAY_FINISH = ("; in the realm `playstation` it says so and ends with 0: that is not a failure", *_UNLESS_FINISHED)
_MAY_BE_WHOLE = ("; without `[split]` it ends with 0: that is not a failure", *_UNLESS_FINISHED)
_MAY_BE_EMPTY = ("; without `[integrations] run` it ends with 0: that is not a failure", *_UNLESS_FINISHED)
START_SECONDS = 1
"""Seconds after which supervisord takes the start of a worker for a success."""
ELSEWHERE = 79
"""Exit code of a worker that `[split]` gives to another machine, one more than the last of sysexits.h."""
_MAY_BE_ELSEWHERE = (
    f"; where `[split]` gives it to another machine it ends with {ELSEWHERE}: that is not a failure",
    "autorestart=unexpected",
    f"exitcodes={ELSEWHERE}",
)
_MAY_BE_ALONE = ("; without a paired machine it ends with 0: that is not a failure", *_UNLESS_FINISHED)
_MAY_BE_CLOSED = (
    "; while the dashboard is open to this machine only it ends with 0: that is not a failure",
    "autorestart=unexpected",
    f"exitcodes=0,{ELSEWHERE}",
)


@dataclass(frozen=True)
class Program:
    """A process of the pipeline. Those of a lower priority start earlier and stop later."""

    name: str
    priority: int
    module: str = ""
    """What Python runs, `workers.NAME` if empty."""
    startsecs: int = START_SECONDS
    restart: tuple[str, ...] = _RESTARTED

    @property
    def words(self) -> str:
        return self.module or f"workers.{self.name}"


PROGRAMS = (
    Program("broker", 10),
    Program("simulator", 15, "simulator --managed", startsecs=0, restart=_MAY_FINISH),
    Program("auth", 20, restart=_MAY_BE_ELSEWHERE),
    Program("audio", 30, restart=_MAY_BE_ELSEWHERE),
    Program("dashboard", 35, restart=_MAY_BE_ELSEWHERE),
    Program("media", 40, restart=_MAY_BE_ELSEWHERE),
    Program("recorder", 45, restart=_MAY_BE_ELSEWHERE),
    Program("obs", 47, restart=_MAY_BE_ELSEWHERE),
    Program("webrtc", 48, startsecs=0, restart=_MAY_BE_CLOSED),
    Program("signaling", 50, restart=_MAY_BE_ELSEWHERE),
    Program("gate", 52, startsecs=0, restart=_MAY_BE_ALONE),
    Program("link", 53, startsecs=0, restart=_MAY_BE_WHOLE),
    Program("integrations", 55, "integrations --managed", startsecs=0, restart=_MAY_BE_EMPTY),
    Program("session", 60, restart=_MAY_BE_ELSEWHERE),
)
WITHOUT_HEARTBEAT = frozenset({"simulator", "integrations"})
"""Programs that are no workers."""

_CHECKOUT_HEAD = """\
; The pipeline. From the checkout, after `make setup`:  supervisord -c supervisord.conf
; `supervisorctl -c supervisord.conf restart media` (or audio, ...) works at any time.
; Made from common/run/programs.py by `python -m common.run.programs > supervisord.conf`.
; Start and stop order: a program with a smaller priority starts earlier and stops later, so session
; leaves the party while everything else is still up.
; Quotes and %% are for folders with a space, an apostrophe or a % in their name: supervisord takes a command apart like
; a shell, and puts values into a log file's name twice.
"""
_HOME_HEAD = """\
; Written by `partyline up` at each start. Changes made here are lost.
; The pipeline of this home. `supervisorctl -c` with this file restarts single workers.
"""


@dataclass(frozen=True)
class _Values:
    """The values that differ, in supervisord's own syntax."""

    head: str
    python: str
    directory: str
    log: str
    run: str
    environment: str


def checkout_conf() -> str:
    """Return the checkout's configuration, whose paths are relative to it."""
    values = _Values(
        head=_CHECKOUT_HEAD,
        python='"%(here)s/.venv/bin/python"',
        directory="%(here)s",
        log="%(here)s/var/log",
        run="%(here)s/var/run",
        environment='PYTHONDONTWRITEBYTECODE=""',
    )
    return _render(values, PROGRAMS)


def home_conf(  # noqa: PLR0913  # the places of one home
    *, python: str, home: Path, log: Path, run: Path, environment: Mapping[str, str], only: Collection[str] = ()
) -> str:
    """Return the configuration of a home, with absolute paths. `only` names programs, if not all of them.

    Raises `ValueError` for a path that supervisord cannot be told.
    """
    shown = {"PYTHONDONTWRITEBYTECODE": "", **environment}
    values = _Values(
        head=_HOME_HEAD,
        python=f"{_value(shlex.quote(python))} -P",  # -P: what lies in the folder of the process is not imported
        directory=_value(str(home)),
        log=_value(str(log)),
        run=_value(str(run)),
        environment=_twice(_value(",".join(f"{name}={_quoted(text)}" for name, text in shown.items()))),
    )
    return _render(values, [one for one in PROGRAMS if not only or one.name in only])


def _quoted(text: str) -> str:
    """Quote a variable's value. Within quotes supervisord knows no escape."""
    if '"' not in text:
        return f'"{text}"'
    if "'" not in text:
        return f"'{text}'"
    raise ValueError("both kinds of quotation marks (' and \")")


def _value(text: str) -> str:
    """Return `text` as supervisord reads it back.

    It expands `%`, and takes a `;` or `#` after a space for a comment. What is expanded to nothing hides that space.
    """
    if any(char in text for char in UNFIT):
        raise ValueError("a line break")
    return re.sub(r"(?<=\s)(?=[;#])", "%(here).0s", text.replace("%", "%%"))


def _twice(value: str) -> str:
    """Return a value that supervisord expands twice: a log file's name, and its own variables."""
    return value.replace("%", "%%")


def _render(values: _Values, programs: Collection[Program]) -> str:
    head = f"""{values.head}
[supervisord]
nodaemon=false
logfile={values.log}/supervisord.log
logfile_maxbytes=5MB
logfile_backups=2
pidfile={values.run}/supervisord.pid
childlogdir={values.log}
silent=true
; compiled files make a restart quicker, whatever the surrounding shell asks for
environment={values.environment}

[unix_http_server]
file={values.run}/{SOCKET}
chmod=0700

[supervisorctl]
serverurl=unix://{values.run}/{SOCKET}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
    return "\n".join([head, *(_section(program, values) for program in programs)])


def _section(program: Program, values: _Values) -> str:
    restart = "\n".join(program.restart)
    log = _twice(values.log)
    return f"""\
[program:{program.name}]
command={values.python} -m {program.words}
directory={values.directory}
priority={program.priority}
startsecs={program.startsecs}
startretries=1000000
{restart}
stopwaitsecs=6
stopsignal=TERM
redirect_stderr=true
stdout_logfile={log}/{program.name}.log
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=2
"""


if __name__ == "__main__":
    print(checkout_conf(), end="")  # noqa: T201
