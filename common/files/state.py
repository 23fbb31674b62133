"""State files that tolerate invalid content and a full disk.

`load` renames an unusable file to ``NAME.bad`` and reports it once. `save` never raises. Unknown fields (of a newer
version) are ignored, so types used here must not forbid them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
import structlog

from common.files.unsaved import UNSAVED

T = TypeVar("T")
P = TypeVar("P", bound="Placed")
UNUSABLE = (msgspec.DecodeError, ValueError, RecursionError, OverflowError)
"""What decoding arbitrary bytes raises. `UnicodeDecodeError` is a `ValueError`."""
BAD = ".bad"


class SetAside:
    """Unusable files that this process met, each with a sentence. A worker reports each once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: list[tuple[Path, str]] = []

    def note(self, file: Path, message: str) -> None:
        with self._lock:
            self._told.append((file, message))

    def take(self) -> list[tuple[Path, str]]:
        """Return the files that are not reported yet, and forget them."""
        with self._lock:
            told, self._told = self._told, []
            return told


SET_ASIDE = SetAside()
"""The process-wide instance."""


def load(file: Path, type_: type[T], what: str) -> T | None:
    """Return the decoded `file`, or None if it is missing or unusable.

    `what` completes “What was remembered of …”.
    """
    return read(file, lambda raw: msgspec.json.decode(raw, type=type_), what)


def read(file: Path, decode: Callable[[bytes], T], what: str) -> T | None:
    """Return `file` decoded by `decode`, like `load`. `decode` raises one of `UNUSABLE` for invalid content."""
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        _say(file, f"What was remembered of {what} cannot be read: {error.strerror or error}.")
        return None
    try:
        return decode(raw)
    except UNUSABLE as error:
        set_aside(file, what, error)
        return None


def set_aside(file: Path, what: str, why: Exception) -> None:
    """Rename an unusable file, if possible, and report it."""
    kept = file.with_name(file.name + BAD)
    try:
        file.replace(kept)
    except OSError as error:
        where = f"it stays where it is, {error.strerror or error}"
    else:
        where = f"it is kept as {kept.name}"
    _say(file, f"What was remembered of {what} in {file} cannot be used ({where}): {why}.")


def _say(file: Path, message: str) -> None:
    SET_ASIDE.note(file, message)
    structlog.get_logger("state").warning("a state file cannot be used", file=str(file), error=message)


def save(file: Path, value: object, what: str) -> bool:
    """Write `value` as JSON. Return False if the disk refuses it for now.

    `what` names it in “Nothing can be written …: what”.
    """
    return save_bytes(file, msgspec.json.encode(value), what)


def save_bytes(file: Path, data: bytes, what: str) -> bool:
    """Write `data`, like `save`."""
    error = UNSAVED.write(file, data, what)
    if error is not None:
        structlog.get_logger("state").warning("not saved yet", file=str(file), what=what, error=str(error))
    return error is None


def drop(file: Path) -> None:
    """Remove `file` and cancel a pending write to it. A failed removal is retried."""
    UNSAVED.remove(file, f"{file.name} is still to be removed")


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """Content of a `StateFile`. `place` names the servers that it belongs to. Every field has a default."""

    place: str = ""


class StateFile(Generic[P]):
    """A value kept in a file, written atomically. `now` is the current value, even if the disk refuses it.

    `now` begins as the result of `fresh` if there is no file, or if its content belongs to another `place` (realm or
    servers).
    """

    def __init__(self, path: Path, cls: type[P], place: str, what: str) -> None:
        """Read the file. `what` completes “What was remembered of …”."""
        self.path = path
        self.place = place
        self._cls = cls
        self._what = what
        kept = load(path, cls, what)
        self.now: P = kept if kept is not None and kept.place == place else self.fresh(kept)

    def fresh(self, other: P | None) -> P:  # noqa: ARG002  # for subclasses that keep a part of it
        """Return the initial value. `other` is the file's value of another place."""
        return self._cls(place=self.place)

    def keep(self, value: P) -> bool:
        """Store `value` under this file's place. Return False if it is unchanged."""
        value = msgspec.structs.replace(value, place=self.place)
        if value == self.now:
            return False
        self.now = value
        save(self.path, value, self._what)
        return True
