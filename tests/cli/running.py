"""A home of its own for a test: its settings, a supervisord configuration with stand-in workers, the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cli.shared.supervisor import Supervisor, find
from common.files.paths import CHECKOUT, Paths
from tests.support.processes import run_module
from tests.support.waiting import eventually

LIMIT_S = 90
ORDER = ("broker", "simulator", "auth", "audio", "media", "signaling", "session")

_HEAD = """\
[supervisord]
logfile=%(here)s/var/log/supervisord.log
pidfile=%(here)s/var/run/supervisord.pid
childlogdir=%(here)s/var/log
silent=true

[unix_http_server]
file=%(here)s/s.sock

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
_PROGRAM = """
[program:{name}]
command={python} -m tests.cli.pipeline.lean {module}
directory={checkout}
priority={priority}
startsecs={startsecs}
startretries={startretries}
autorestart=unexpected
exitcodes=0
stopwaitsecs=70
redirect_stderr=true
stdout_logfile=%(here)s/var/log/{name}.log
"""


@dataclass
class Result:
    code: int
    out: str
    err: str


@dataclass
class Home:
    """One `$PARTYLINE_HOME` with its own supervisord configuration."""

    folder: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def paths(self) -> Paths:
        return Paths(self.folder / "home")

    @property
    def conf(self) -> Path:
        return self.folder / "supervisord.conf"

    @property
    def env(self) -> dict[str, str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("PARTYLINE_", "SUPERVISOR_"))}
        return {**clean, "PARTYLINE_HOME": str(self.paths.home), "PARTYLINE_CONF": str(self.conf), **self.extra}

    def write_conf(self, names: Sequence[str] = ORDER) -> None:
        parts = [_HEAD]
        for number, name in enumerate(names):
            module = "workers.broker" if name == "broker" else f"tests.cli.fakeworker {name}"
            values = {"name": name, "python": sys.executable, "module": module, "checkout": CHECKOUT}
            values["startretries"] = 1 if name == "crash" else 20
            # On a slow machine what ends at once may still have lived for a second, and would count as started.
            values["startsecs"] = {"simulator": 0, "crash": 60}.get(name, 1)
            parts.append(_PROGRAM.format(priority=10 + number, **values))
        self.conf.write_text("".join(parts))

    def run(self, *words: str, stdin: str = "", env: dict[str, str] | None = None) -> Result:
        """Run `partyline` to its end."""
        done = run_module("cli", *words, env={**self.env, **(env or {})}, within_s=LIMIT_S, stdin=stdin)
        return Result(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start `partyline` and leave it running."""
        return subprocess.Popen(
            [sys.executable, "-m", "cli", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT,
            env=self.env,
        )

    def supervisor(self) -> Supervisor | None:
        return find(self.paths, str(self.conf))

    def end(self) -> None:
        """End whatever runs of this home's supervisord."""
        found = self.supervisor()
        if found is None:
            return
        pid = int((self.folder / "var" / "run" / "supervisord.pid").read_text())
        os.kill(pid, signal.SIGTERM)
        eventually(lambda: self.supervisor() is None, "supervisord has ended")


def two_lines(result: Result) -> tuple[str, str]:
    """Return what happened and what to do; fail unless standard error is exactly that."""
    found = result.err.splitlines()
    assert len(found) == 2, result.err
    assert all(line.strip() and line[-1] in ".!?)" for line in found), result.err
    return found[0], found[1]
