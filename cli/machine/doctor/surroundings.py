"""What the probes look at: folders, settings, variables, and the programs of the system."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from common.config.tables import Settings
from common.files.paths import Paths

IS_MAC = "darwin"
MISSING = 127
"""The code of a program that is not there, as in a shell."""
TOOL_S = 5.0
"""Time limit of a program of the system. Each of them takes a tenth of it where nothing hangs."""
_FOLDERS = ("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/libexec/ApplicationFirewall")
"""Where the system's programs are, whatever $PATH says."""


@dataclass(frozen=True)
class Ran:
    """What a program did."""

    code: int
    out: str
    err: str = ""

    @property
    def missing(self) -> bool:
        return self.code == MISSING


class TooSlowError(Exception):
    """A program did not end in time. It was killed."""


@dataclass(frozen=True)
class Surroundings:
    paths: Paths
    settings: Settings
    settings_error: str = ""
    offline: bool = False
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    platform: str = sys.platform
    user: Path = field(default_factory=Path.home)
    """The user's home folder."""
    applications: Path = Path("/Applications")

    @property
    def is_mac(self) -> bool:
        return self.platform == IS_MAC

    def run(self, *words: str, wait_s: float = 0.0) -> Ran:
        """Run a program of the system, by its name, for `TOOL_S` at most or `wait_s`. Raises `TooSlowError`."""
        path = os.pathsep.join([self.environ.get("PATH", ""), *_FOLDERS])
        program = shutil.which(words[0], path=path)
        if program is None:
            return Ran(MISSING, "", f"{words[0]}: not found")
        return run_program([program, *words[1:]], {**self.environ, "LC_ALL": "C"}, wait_s or TOOL_S)

    def run_python(self, module: str, *words: str, wait_s: float) -> Any:
        """Run one of our modules with this Python. Return the JSON that it prints.

        Raises `TooSlowError`, or `ProbeProcessError` if it ended without printing any.
        """
        ran = run_program([sys.executable, "-m", module, *words], dict(self.environ), wait_s)
        try:
            return json.loads(ran.out)
        except ValueError as error:
            raise ProbeProcessError(_how_it_ended(ran)) from error


class ProbeProcessError(Exception):
    """A process of a probe ended without a result."""


def _how_it_ended(ran: Ran) -> str:
    last = (ran.err.strip().splitlines() or ["no message"])[-1]
    if ran.code < 0:
        return f"ended by signal {signal.Signals(-ran.code).name} ({last})"
    return f"exit code {ran.code} ({last})"


def run_program(words: list[str], environ: dict[str, str], wait_s: float) -> Ran:
    """Run a program with its own process group, which ends with the time limit. Raises `TooSlowError`."""
    process = subprocess.Popen(  # noqa: S603  # the words are ours
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=wait_s)
    except subprocess.TimeoutExpired as error:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=1)
        raise TooSlowError(f"{Path(words[0]).name} did not end within {wait_s:g} s") from error
    return Ran(process.returncode, out, err)
