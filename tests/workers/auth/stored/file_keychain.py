"""A backend of keyring that is a file. Like the one of a Mac it deletes an item before it adds it again.

`KEYCHAIN_FILE` is the file, and `KEYCHAIN_DIES` the moment at which the process is killed.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

from keyring.backend import KeyringBackend


class FileKeychain(KeyringBackend):
    priority = 1  # type: ignore[assignment]  # keyring reads it from the class

    @property
    def _file(self) -> Path:
        return Path(os.environ["KEYCHAIN_FILE"])

    def get_password(self, service: str, username: str) -> str | None:
        self._moment("before the read")
        return self._file.read_text() if self._file.exists() else None

    def set_password(self, service: str, username: str, password: str) -> None:
        self._moment("before the delete")
        self._file.unlink(missing_ok=True)
        self._moment("between delete and add")
        self._file.write_text(password)
        self._moment("after the add")

    def delete_password(self, service: str, username: str) -> None:
        self._file.unlink()

    @staticmethod
    def _moment(name: str) -> None:
        if os.environ.get("KEYCHAIN_DIES") == name:
            os.kill(os.getpid(), signal.SIGKILL)
