"""A fault: how it is made, and what `partyline doctor` must say of it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from cli.machine.doctor.check import CheckFinding, Severity
from tests.cli.machine.doctor.stage import Stage

Make = Callable[[Stage], CheckFinding]
IS_ROOT_ON_LINUX = sys.platform == "linux" and os.getuid() == 0 and shutil.which("unshare") is not None


@dataclass(frozen=True)
class Fault:
    check: str
    words: str
    """What was made, for the table in notes/doctor.md."""
    severity: Severity
    says: str
    """A part of the sentence."""
    make: Make
    needs_root: bool = False
    """Whether it needs namespaces, mounts or files of other users: root on Linux."""


@dataclass
class Faults:
    """The faults of one file."""

    found: list[Fault] = field(default_factory=list)

    def add(
        self, check: str, words: str, severity: Severity, says: str, *, needs_root: bool = False
    ) -> Callable[[Make], Make]:
        def note(make: Make) -> Make:
            self.found.append(Fault(check, words, severity, says, make, needs_root))
            return make

        return note
