"""A log of every secret that this network has issued, so that tests can search for leaks."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "SIMULATOR_LEDGER"


class IssuedSecrets:
    """Appends ``kind secret`` lines to the file that `$SIMULATOR_LEDGER` names. Without it nothing is logged."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    @classmethod
    def of_environment(cls) -> IssuedSecrets:
        named = os.environ.get(VARIABLE, "")
        return cls(Path(named) if named else None)

    def record(self, kind: str, secret: str) -> None:
        """Append one secret in a single write. Several simulators may share the file."""
        if self._file is None or not secret:
            return
        handle = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, f"{kind} {secret}\n".encode())
        finally:
            os.close(handle)
