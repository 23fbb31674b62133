"""The seam between `partyline service` and what runs services on this machine, and the call of its programs."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cli.machine.service.spec import Spec
from cli.shared.failures import CommandError

CALL_S = 20.0
"""Time limit of a question to launchd or systemd, which answer at once."""
TIMED_OUT = -1


@dataclass(frozen=True)
class LastEnd:
    """How its last run ended."""

    code: int = 0
    signal: str = ""

    @property
    def in_words(self) -> str:
        return f"it was killed ({self.signal})" if self.signal else f"exit code {self.code}"


@dataclass(frozen=True)
class ServiceState:
    """What launchd or systemd says of the service."""

    loaded: bool = False
    pid: int = 0
    state: str = ""
    """Its own word, e.g. ``running``, ``spawn scheduled``, ``failed``."""
    last_end: LastEnd | None = None
    starts: int = 0
    since: float = 0.0
    """Unix seconds of its start, or 0 if unknown."""


class Manager(Protocol):
    """launchd for the user or for the machine, or systemd for the user."""

    @property
    def name(self) -> str:
        """Its label for launchd, or the unit's name without its suffix."""

    @property
    def kind(self) -> str:
        """What such a service is called."""

    @property
    def file(self) -> Path:
        """Where its file is, installed or not."""

    @property
    def needs_root(self) -> bool:
        """Whether only root can install and remove it."""

    def render(self, spec: Spec) -> bytes: ...

    def environment(self, data: bytes) -> Mapping[str, str]:
        """Return the variables of an installed file, empty if it cannot be read."""

    def program(self, data: bytes) -> Sequence[str]:
        """Return the command line of an installed file, empty if it cannot be read."""

    def load(self) -> None:
        """Start the service of the file now, and at each boot or login. Raises `CommandError`."""

    def unload(self) -> None:
        """Stop it, and keep it from starting again. Nothing happens if it is not loaded. Raises `CommandError`."""

    def reload(self) -> None:
        """Have it notice that the file is gone. Raises `CommandError`."""

    def state(self) -> ServiceState:
        """Return its state. Raises `CommandError` if launchd or systemd does not answer."""

    def log_command(self, lines: int, *, follow: bool) -> list[str]:
        """Return the command that shows the service's own output."""

    def commands(self, rendered: Path) -> list[str]:
        """Return the commands with which root installs `rendered`."""

    def remarks(self) -> list[str]:
        """Return what else the user has to do on this machine so that it runs unattended."""


@dataclass(frozen=True)
class ProgramResult:
    code: int
    """Exit code, or `TIMED_OUT`."""
    text: str
    """Both outputs."""

    @property
    def last_line(self) -> str:
        lines = [line.strip() for line in self.text.splitlines() if line.strip()]
        return lines[-1].rstrip(".") if lines else "it gave no reason"


def call(words: Sequence[str | Path], missing: str, within_s: float = CALL_S) -> ProgramResult:
    """Run one of the system's programs. Raises `CommandError` with the sentence `missing` if it is not there."""
    try:
        done = subprocess.run(  # noqa: S603  # the system's own program, found on PATH, no shell
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=within_s, check=False
        )
    except FileNotFoundError:
        raise CommandError(missing, "Start partyline by hand: `partyline up`.") from None
    except subprocess.TimeoutExpired:
        return ProgramResult(TIMED_OUT, f"{words[0]} did not answer within {within_s:g} s")
    output = done.stdout + b"\n" + done.stderr
    return ProgramResult(done.returncode, output.decode("utf-8", "replace"))
