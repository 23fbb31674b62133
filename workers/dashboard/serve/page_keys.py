"""The keys that open the pages, as their file has them, and those of paired machines."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from common.bus.peers import keyring
from common.bus.peers.keyring import PairedMachine
from common.bus.peers.pages import paired_pages
from common.config.pages import Keys, Rights, keys_file, load_keys
from common.errors import PartylineError
from common.files.paths import Paths

NO_FILE = (0, 0)
KeyChange = Literal["", "some", "all"]
"""Which keys are void since the last look: none, some that a page may have, or all."""


class PageKeys:
    """The current keys. Call `poll` once before anything else, and then from time to time."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._keys = Keys.drawn()
        self._stamp = NO_FILE
        self._paired: tuple[PairedMachine, ...] = ()
        self._keyring_stamp = NO_FILE
        self.error: PartylineError | None = None
        """Why their file cannot be used. Nobody has the keys that are in use meanwhile, so access is denied."""

    def poll(self) -> KeyChange:
        """Read the keys if their files changed, and return what became of them."""
        before, paired = self._keys, self._paired
        self._poll_keyring()
        if self._poll_keys():
            return "some" if self._keys.read == before.read else "all"
        return "some" if set(paired) - set(self._paired) else ""

    def _poll_keys(self) -> bool:
        stamp = _stamp_of(keys_file(self._paths))
        if stamp == self._stamp and stamp != NO_FILE:
            return False
        try:
            self._keys = load_keys(self._paths)
        except PartylineError as error:
            self._keys, self.error = Keys.drawn(), error
            return True
        self._stamp, self.error = _stamp_of(keys_file(self._paths)), None
        return True

    def _poll_keyring(self) -> None:
        stamp = _stamp_of(keyring.keyring_file(self._paths))
        if stamp == self._keyring_stamp:
            return
        self._keyring_stamp = stamp
        try:
            found = keyring.load(self._paths)
        except PartylineError:  # the gate reports it
            found = None
        self._paired = found.guests if found else ()

    def rights(self, given: str) -> Rights:
        """Return what the bearer of the key `given` may do."""
        return self._keys.rights(given) or paired_pages.rights_of(given, self._keys, self._paired)

    def full_key(self) -> str:
        return self._keys.full

    def read_key(self) -> str:
        return self._keys.read


def _stamp_of(file: Path) -> tuple[int, int]:
    if not file.exists():
        return NO_FILE
    found = file.stat()
    return found.st_mtime_ns, found.st_ino
