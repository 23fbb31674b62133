"""The file of `partyline tap --record`: JSON lines, the first one says of what. Secrets are hidden as in the tap.

Each line is written whole or not at all, so that the file can be read whatever ended the recording.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from cli.diagnostics import tap_view
from cli.diagnostics.tap_backlog import Entry
from cli.diagnostics.tap_notes import AnyNote
from cli.shared.failures import CommandError
from common.errors import BadMessageError
from common.messages import BY_TOPIC
from common.messages.wire import Header, Received

FORMAT = 1


class About(msgspec.Struct, frozen=True, kw_only=True):
    """The first line."""

    recording: Literal["bus"]
    format: int = FORMAT
    machine: str
    """The machine whose bus it is. All times in the file are by its clock."""
    version: str
    """Version of partyline there, empty if it did not say."""
    began_at: float
    """Unix seconds there."""
    clock_ahead_s: float
    """How far its clock was ahead of that of the machine that recorded."""
    topics: tuple[str, ...]
    """Prefixes that were recorded, none for all."""


class BusRecording:
    """Writes a recording. Only its owner can read the file, because it has people's names."""

    def __init__(self, file: Path, about: About) -> None:
        """Begin a new file. Raises `CommandError`."""
        self._file = file = file.expanduser()
        try:
            self._out = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise CommandError(f"{file} exists already.", "Choose another file for --record.") from error
        except OSError as error:
            raise self._unwritable(error) from error
        self._write(msgspec.json.encode(about))

    def entry(self, entry: Entry) -> None:
        """Write a message or a note. Raises `CommandError`."""
        line = tap_view.as_json(entry).encode() if isinstance(entry, Received) else msgspec.json.encode(entry)
        self._write(line)

    def close(self) -> None:
        os.close(self._out)

    def _write(self, line: bytes) -> None:
        """Write one line. What was written of it before an error is taken back."""
        before = os.lseek(self._out, 0, os.SEEK_END)
        line += b"\n"
        try:
            written = 0
            while written < len(line):
                written += os.write(self._out, line[written:])
        except OSError as error:
            os.ftruncate(self._out, before)
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> CommandError:
        return CommandError(
            f"{self._file} cannot be written: {error.strerror or error}.", "What was recorded before is in it."
        )


def read(file: Path) -> tuple[About, Iterator[Entry]]:
    """Return what a recording is of, and its entries. Raises `CommandError`.

    Lines that cannot be read (of a newer version, or the rest of one) are left out.
    """
    try:
        stream = file.open(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.", "Name the file of a recording.") from error
    try:
        about = msgspec.json.decode(stream.readline(), type=About)
    except (msgspec.DecodeError, ValueError) as error:
        stream.close()
        raise CommandError(f"{file} is no recording of a bus.", "Make one: `partyline tap --record FILE`.") from error
    if about.format > FORMAT:
        stream.close()
        raise CommandError(f"{file} was recorded by a newer partyline.", "Update partyline on this machine.")
    return about, _entries(stream)


def _entries(stream: Any) -> Iterator[Entry]:
    with stream:
        for line in stream:
            try:
                found = json.loads(line)
                yield _note(found) if "note" in found else _received(found)
            except (ValueError, KeyError, TypeError, BadMessageError):
                continue


def _note(found: dict[str, Any]) -> AnyNote:
    note: AnyNote = msgspec.convert(found, AnyNote)
    return note


def _received(found: dict[str, Any]) -> Received:
    cls = BY_TOPIC[found["topic"].partition("/")[0]]
    header = Header(**{name: found[name] for name in ("sender", "boot", "seq", "at", "caused_by")})
    body = found["message"]
    return Received(topic=found["topic"], header=header, message=None if body is None else msgspec.convert(body, cls))
