"""The keys that open the pages, as their file has them."""

from __future__ import annotations

from common.config.pages import Keys, Rights, keys_file, load_keys
from common.errors import PartylineError
from common.files.paths import Paths

NO_FILE = (0, 0)


class PageKeys:
    """The current keys. Call `poll` once before anything else, and then from time to time."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._keys = Keys.drawn()
        self._stamp = NO_FILE
        self.error: PartylineError | None = None
        """Why their file cannot be used. Nobody has the keys that are in use meanwhile, so access is denied."""

    def poll(self) -> bool:
        """Read the keys if their file changed, and return whether it did."""
        stamp = self._stamp_now()
        if stamp == self._stamp and stamp != NO_FILE:
            return False
        try:
            self._keys = load_keys(self._paths)
        except PartylineError as error:
            self._keys, self.error = Keys.drawn(), error
            return True
        self._stamp, self.error = self._stamp_now(), None
        return True

    def rights(self, given: str) -> Rights:
        """Return what the bearer of the key `given` may do."""
        return self._keys.rights(given)

    def full_key(self) -> str:
        return self._keys.full

    def read_key(self) -> str:
        return self._keys.read

    def _stamp_now(self) -> tuple[int, int]:
        file = keys_file(self._paths)
        if not file.exists():
            return NO_FILE
        found = file.stat()
        return found.st_mtime_ns, found.st_ino
