"""Files that are read back: they survive any bytes in them, and a disk that does not take them.

`load` sets a file that cannot be used aside as ``NAME.bad``, and says so once; `save` never raises. Fields that a type
does not know (a newer version's) are ignored, so types used here must not forbid them.
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
"""What decoding arbitrary bytes raises; `UnicodeDecodeError` is a `ValueError`."""
BAD = ".bad"


class SetAside:
    """What was unusable in this process: file → sentence. A worker tells it once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: list[tuple[Path, str]] = []

    def note(self, file: Path, message: str) -> None:
        with self._lock:
            self._told.append((file, message))

    def take(self) -> list[tuple[Path, str]]:
        """Return what was not told yet."""
        with self._lock:
            told, self._told = self._told, []
            return told


SET_ASIDE = SetAside()
"""Of this process."""


def load(file: Path, type_: type[T], what: str) -> T | None:
    """Return what `file` holds; None where there is nothing, or nothing that can be used.

    `what` completes “What was remembered of …”.
    """
    return read(file, lambda raw: msgspec.json.decode(raw, type=type_), what)


def read(file: Path, decode: Callable[[bytes], T], what: str) -> T | None:
    """Return what `decode` makes of `file`, like `load`. It raises one of `UNUSABLE` for what it cannot use."""
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
    """Keep an unusable file under another name, where that is possible, and say so."""
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
    """Keep `value` (what msgspec encodes); False where that must wait for the disk.

    `what` names it in “Nothing can be written …: what”.
    """
    return save_bytes(file, msgspec.json.encode(value), what)


def save_bytes(file: Path, data: bytes, what: str) -> bool:
    """Keep `data`, like `save`."""
    error = UNSAVED.write(file, data, what)
    if error is not None:
        structlog.get_logger("state").warning("not saved yet", file=str(file), what=what, error=str(error))
    return error is None


def drop(file: Path) -> None:
    """Remove `file`, and give up what waited to be written there; where that fails it is tried again."""
    UNSAVED.remove(file, f"{file.name} is still to be removed")


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """What a `StateFile` holds, and of which servers: every field has a default."""

    place: str = ""


class StateFile(Generic[P]):
    """A value in a file that is always whole. `now` is the value, also while a disk does not take it.

    What the file holds of another `place` (realm or servers) is not ours: then, and where there is none, `now` is what
    `fresh` returns.
    """

    def __init__(self, path: Path, cls: type[P], place: str, what: str) -> None:
        """Read the file; `what` completes “What was remembered of …”."""
        self.path = path
        self.place = place
        self._cls = cls
        self._what = what
        kept = load(path, cls, what)
        self.now: P = kept if kept is not None and kept.place == place else self.fresh(kept)

    def fresh(self, other: P | None) -> P:  # noqa: ARG002  # for those who keep something of it
        """Return the value to begin with; `other` is what the file holds of another place."""
        return self._cls(place=self.place)

    def keep(self, value: P) -> bool:
        """Remember `value`, whatever place it names; False where it is what is remembered already."""
        value = msgspec.structs.replace(value, place=self.place)
        if value == self.now:
            return False
        self.now = value
        save(self.path, value, self._what)
        return True
