"""Where things lie on disk: one truth for `$PARTYLINE_HOME` and what is below it."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
"""The checkout (the code is run from it; it is not installed elsewhere)."""

SOCKET_PATH_LIMIT = 100
"""Bytes in a UNIX socket's path that are safe everywhere: macOS allows 104, Linux 108."""

LONGEST_SOCKET_NAME = len("/audio-media.sock")


@dataclass(frozen=True)
class Paths:
    """The folders of one running pipeline."""

    home: Path

    @classmethod
    def of_environment(cls) -> Paths:
        """Return the paths that `$PARTYLINE_HOME` names; `var/` in the checkout without it."""
        home = os.environ.get("PARTYLINE_HOME", "")
        return cls(Path(home).expanduser().absolute() if home else CHECKOUT / "var")

    @property
    def settings_file(self) -> Path:
        return self.home / "partyline.toml"

    @property
    def run(self) -> Path:
        """Sockets and what a running pipeline tells of itself.

        A home so deep that sockets in it would pass macOS' limit, or in which nothing can be written, gets a short
        folder of its own under /tmp, always the same one for the same home.
        """
        run = self.home / "run"
        if len(os.fsencode(run)) + LONGEST_SOCKET_NAME <= SOCKET_PATH_LIMIT and _takes_sockets(run):
            return run
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        return Path("/tmp") / f"partyline-{os.getuid()}-{digest}"  # noqa: S108  # made 0700 and checked below

    @property
    def state(self) -> Path:
        """What must survive a restart (no secrets in it)."""
        return self.home / "state"

    @property
    def secrets(self) -> Path:
        """The 0600 files that stand in for a keychain."""
        return self.home / "secrets"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def recordings(self) -> Path:
        """Where recordings go unless `[recorder] folder` says otherwise."""
        return self.home / "recordings"

    @property
    def avatars(self) -> Path:
        """Where a person puts pictures of the others, each called by its online id."""
        return self.home / "avatars"

    @property
    def cache(self) -> Path:
        """What may be deleted at any time."""
        return self.home / "cache"

    @property
    def simulator_file(self) -> Path:
        """Where a running simulator says its base URLs and its demo account (0600)."""
        return self.run / "simulator.json"

    @property
    def trace_file(self) -> Path:
        """The last calls to Sony's servers (`common.psn.http.trace`)."""
        return self.log / "trace.jsonl"

    @property
    def supervisor_file(self) -> Path:
        """Where a supervised worker leaves the URL of its supervisor."""
        return self.run / "supervisor.url"

    def make(self) -> None:
        """Create the folders, and close `run` and `secrets` to everybody but their owner.

        Raises `PermissionError` when one of these two is not ours, or the run folder under /tmp is a link: whoever
        can put a socket there is taken for a worker.
        """
        for folder in (self.home, self.run, self.state, self.secrets, self.log):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.run, self.secrets):
            self._close(folder)

    def _close(self, folder: Path) -> None:
        found = folder.lstat()
        if stat.S_ISLNK(found.st_mode):
            if not folder.is_relative_to(self.home):  # in our home it is the person's own doing
                raise PermissionError(f"{folder} is a link, which anybody can have put there: remove it")
            found = folder.stat()
        if found.st_uid != os.getuid():
            raise PermissionError(f"{folder} belongs to another user")
        if found.st_mode & 0o077:
            folder.chmod(0o700)


def _takes_sockets(run: Path) -> bool:
    """Return whether sockets can be made there, or were: a home that became read-only keeps those that it has."""
    there = next((folder for folder in (run, *run.parents) if folder.exists()), run)
    return os.access(there, os.W_OK | os.X_OK) or (run / "broker.sock").exists()


def usable_umask() -> None:
    """Take nothing away from ourselves: an odd umask (0277) makes folders in which their owner can write nothing."""
    os.umask(os.umask(0o077) & 0o077)


def write_atomically(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replace `path` with `data` in one step, on disk before it is visible.

    Raises `OSError` (disk full, no permission); the old content then stays as it was.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
