"""Every secret that this network has given out, so that tests can search for them where none may be."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "SIMULATOR_LEDGER"


class Ledger:
    """Appends ``kind secret`` lines to the file that `$SIMULATOR_LEDGER` names; keeps nothing without it."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    @classmethod
    def of_environment(cls) -> Ledger:
        named = os.environ.get(VARIABLE, "")
        return cls(Path(named) if named else None)

    def note(self, kind: str, secret: str) -> None:
        """Note one secret. One write a line: several simulators may share a ledger."""
        if self._file is None or not secret:
            return
        handle = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, f"{kind} {secret}\n".encode())
        finally:
            os.close(handle)
