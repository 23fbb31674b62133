"""State files that tolerate invalid content and a full disk.

`load` renames an unusable file to ``NAME.bad`` and reports it once. `save` never raises. Unknown fields are ignored, so
types used here must not forbid them.

Each file has its `format`, a number that a type raises in its `FORMAT` when an older version would misread the file. A
file of a higher one is reported, left alone, and not written.
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
NEWER_REMEDY = "Update partyline. To do without it, move that file away and run `partyline restart`."


class _Format(msgspec.Struct):
    format: int = 1


def format_of(raw: bytes) -> int:
    """Return the format of a file's content. Until version 0.1 there was none, which is 1."""
    try:
        return msgspec.json.decode(raw, type=_Format).format
    except UNUSABLE:
        return 1


def encode(value: object) -> bytes:
    """Return `value` as JSON with its format as the first field."""
    fields = msgspec.json.encode(value)
    head = b'{"format":%d' % _known(type(value))
    return head + (b"," if fields != b"{}" else b"") + fields[1:]


def _known(type_: type) -> int:
    return int(getattr(type_, "FORMAT", 1))


class SetAside:
    """Unusable files that this process met, each with a sentence. A worker reports each once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: list[tuple[Path, str]] = []
        self._newer: set[Path] = set()

    def note(self, file: Path, message: str) -> None:
        with self._lock:
            self._told.append((file, message))

    def note_newer(self, file: Path, message: str) -> None:
        """Note a file that a newer version wrote. It is not written any more."""
        with self._lock:
            known = file in self._newer
            self._newer.add(file)
        if not known:
            self.note(file, message)

    def is_newer(self, file: Path) -> bool:
        """Return whether a newer version wrote this file, by what this process has read of it."""
        with self._lock:
            return file in self._newer

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
    return read(file, lambda raw: msgspec.json.decode(raw, type=type_), what, _known(type_))


def read(file: Path, decode: Callable[[bytes], T], what: str, known: int = 1) -> T | None:
    """Return `file` decoded by `decode`, like `load`. `decode` raises one of `UNUSABLE` for invalid content.

    `known` is the highest format that it understands.
    """
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        _say(file, f"What was remembered of {what} cannot be read: {error.strerror or error}.")
        return None
    if format_of(raw) > known:
        leave_alone(file, what)
        return None
    try:
        return decode(raw)
    except UNUSABLE as error:
        set_aside(file, what, error)
        return None


def leave_alone(file: Path, what: str) -> None:
    """Report a file that a newer version of partyline wrote, and write it no more."""
    message = (
        f"A newer version of partyline wrote {file}. What it remembers of {what} is not used. "
        "The file is left as it is, and nothing new is remembered."
    )
    SET_ASIDE.note_newer(file, message)
    structlog.get_logger("state").warning("a newer version wrote a state file", file=str(file), error=message)


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
    return save_bytes(file, encode(value), what)


def save_bytes(file: Path, data: bytes, what: str) -> bool:
    """Write `data`, like `save`. A file that a newer version wrote is left alone, which counts as done."""
    if SET_ASIDE.is_newer(file):
        return True
    error = UNSAVED.write(file, data, what)
    if error is not None:
        structlog.get_logger("state").warning("not saved yet", file=str(file), what=what, error=str(error))
    return error is None


def drop(file: Path) -> None:
    """Remove `file` and cancel a pending write to it. A failed removal is retried."""
    if SET_ASIDE.is_newer(file):
        return
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
