"""The paths of a home, and everything below it. One home is one pipeline.

A home is a folder with everything in it. Only the one in the platform's own folder has its settings, logs, caches and
recordings where the platform wants them (`common.system.folders`).
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from common.system import disk, folders

CHECKOUT = Path(__file__).resolve().parent.parent.parent
"""The folder that the packages lie in: the checkout, or where an installed partyline's packages are."""

SOCKET_PATH_LIMIT = 100
"""Safe length of a UNIX socket's path in bytes. macOS allows 104, Linux 108."""

LONGEST_SOCKET_NAME = len("/supervisor.sock.0000000")
"""supervisord makes its socket under a name that ends with its process id, then renames it."""
HOME_VARIABLE = "PARTYLINE_HOME"


def is_checkout() -> bool:
    """Return whether the code runs from a checkout, and not from an installed package."""
    return all((CHECKOUT / name).is_file() for name in ("supervisord.conf", "pyproject.toml"))


@dataclass(frozen=True)
class Paths:
    """The folders of one running pipeline."""

    home: Path

    @classmethod
    def of_environment(cls) -> Paths:
        """Return the paths of `$PARTYLINE_HOME`, else of the checkout's `var/`, else of the platform's own folder."""
        if home := os.environ.get(HOME_VARIABLE, ""):
            return cls(Path(home).expanduser().absolute())
        return cls(CHECKOUT / "var" if is_checkout() else folders.data())

    @property
    def is_platforms(self) -> bool:
        """Whether the home is the platform's own folder, and so has other folders besides."""
        return self.home == folders.data()

    @property
    def settings_file(self) -> Path:
        return (folders.config() if self.is_platforms else self.home) / "partyline.toml"

    @property
    def run(self) -> Path:
        """Sockets, and files about the running pipeline.

        If the home's path is too long for macOS' socket limit, or the home is not writable, this is a short folder
        under /tmp. The same home always gets the same folder.
        """
        run = self.home / "run"
        if len(os.fsencode(run)) + LONGEST_SOCKET_NAME <= SOCKET_PATH_LIMIT and _takes_sockets(run):
            return run
        return Path("/tmp") / f"partyline-{os.getuid()}-{_digest(self.home)}"  # noqa: S108  # made 0700 and checked below

    @property
    def state(self) -> Path:
        """State files that survive a restart, without secrets."""
        return self.home / "state"

    @property
    def secrets(self) -> Path:
        """The 0600 files used instead of a keychain."""
        return self.home / "secrets"

    @property
    def log(self) -> Path:
        return folders.log() if self.is_platforms else self.home / "log"

    @property
    def recordings(self) -> Path:
        """Where recordings go unless `[recorder] folder` says otherwise."""
        return folders.recordings() if self.is_platforms else self.home / "recordings"

    @property
    def avatars(self) -> Path:
        """The user's own pictures of members, named after their online ids."""
        return self.home / "avatars"

    @property
    def cache(self) -> Path:
        """What may be deleted at any time."""
        return folders.cache() if self.is_platforms else self.home / "cache"

    @property
    def simulator_file(self) -> Path:
        """The running simulator's base URLs and demo account (0600)."""
        return self.run / "simulator.json"

    @property
    def trace_file(self) -> Path:
        """The last calls to Sony's servers (`common.psn.http.trace`)."""
        return self.log / "trace.jsonl"

    @property
    def supervisor_file(self) -> Path:
        """The URL of supervisord, written by a supervised worker."""
        return self.run / "supervisor.url"

    @property
    def supervisor_pid_file(self) -> Path:
        """The process id of the supervisord whose URL is in `supervisor_file`."""
        return self.run / "supervisor.pid"

    def make(self) -> None:
        """Create the folders, and restrict `run` and `secrets` to their owner.

        Raises `PermissionError` when one of these two belongs to another user, or the run folder under /tmp is a link.
        Anybody who can create a socket there could pose as a worker.
        """
        for folder in (self.home, self.settings_file.parent, self.run, self.state, self.secrets, self.log):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.run, self.secrets):
            _close(folder, self.home)


def name_of(paths: Paths) -> str:
    """Return what tells this home from others of the user, empty for the usual one of a checkout or an installation."""
    return "" if paths.home in (CHECKOUT / "var", folders.data()) else _digest(paths.home)


def _digest(home: Path) -> str:
    return hashlib.sha256(os.fsencode(home)).hexdigest()[:12]


def variables_of(paths: Paths) -> dict[str, str]:
    """Return the variables by which another process finds this home."""
    return {HOME_VARIABLE: str(paths.home), **(folders.variables() if paths.is_platforms else {})}


def _close(folder: Path, home: Path) -> None:
    found = folder.lstat()
    if stat.S_ISLNK(found.st_mode):
        if not folder.is_relative_to(home):  # inside the home, the user made the link
            raise PermissionError(f"{folder} is a link, which anybody can have put there: remove it")
        found = folder.stat()
    if found.st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to another user")
    if found.st_mode & 0o077:
        folder.chmod(0o700)


def _takes_sockets(run: Path) -> bool:
    """Return whether `run` is writable or already has sockets. A home that became read-only keeps its sockets."""
    there = next((folder for folder in (run, *run.parents) if folder.exists()), run)
    return os.access(there, os.W_OK | os.X_OK) or (run / "broker.sock").exists()


def usable_umask() -> None:
    """Clear the owner's bits of the umask. An odd one (0277) makes folders that their owner cannot write to."""
    os.umask(os.umask(0o077) & 0o077)


def write_atomically(path: Path, data: bytes, *, mode: int = 0o600, lasting: bool = False) -> None:
    """Replace `path` with `data` atomically. The data is on disk before it is visible.

    `lasting`: it outlives a power cut on a Mac too, which takes longer (`common.system.disk`).

    Raises `OSError` (disk full, no permission) and then leaves the old content.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            (disk.sync if lasting else os.fsync)(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
