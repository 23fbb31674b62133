"""The trace of the last calls to Sony's servers, bounded, redacted and without tokens, for bug reports.

Paths are kept without ids. Queries, headers and bodies are not kept. The one exception is a refused customMessage,
whose frame is kept decoded, since no server has yet been seen to accept this part of the protocol.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import fcntl
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import structlog

from common.files.state import UNUSABLE
from common.log import logs
from common.psn.shapes import as_dict, as_list, as_text

LIMIT_BYTES = 256 * 1024
"""Limit of one file. The previous full file is kept, so the trace takes twice that on disk."""
HEADER_BYTES = 44
"""Length of a miranda frame's header, before its text [read]."""
_ADDRESS = re.compile(r"(?<![\w.:-])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w:])")


class Traced(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request and its answer."""

    at: float
    """Unix seconds of the answer."""
    method: str
    host: str
    """Partyline's name for the host."""
    path: str
    """Without query, with ``{session_id}`` and the like for ids (`common.psn.known`)."""
    status: int = 0
    """0 without an answer."""
    ms: int = 0
    reference_id: str = ""
    code: int = 0
    message: str = ""
    """Sony's words, or why there was no answer."""
    sent: dict[str, Any] = {}
    """Content of a refused customMessage."""


def decoded(body: Any) -> dict[str, Any]:
    """Return a customMessage's body with its miranda frame taken apart, passwords and addresses hidden."""
    message = as_dict(body)
    payload = as_text(message.get("payload"))
    head, _, text = payload.rpartition("body=")
    found: dict[str, Any] = {"channel": message.get("channel"), "to": as_list(message.get("to"))}
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return {**found, "payload": f"no base64, {len(payload)} characters"}
    prefix, _, said = raw[HEADER_BYTES:].partition(b"\n")
    found |= {
        "payload": f"{head}body=({len(raw)} bytes in base64)",
        "header": raw[:HEADER_BYTES].hex(" ", 4),
        "prefix": prefix[:40].decode("ascii", "backslashreplace"),
    }
    try:
        frame = as_dict(msgspec.json.decode(said))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {**found, "json": f"none, {len(said)} bytes"}
    sdp = [_hidden(line) for line in as_text(frame.get("sdp")).splitlines()]
    cleaned: dict[str, Any] = logs.clean({**found, "json": {**frame, "sdp": sdp}})
    return cleaned


def _hidden(line: str) -> str:
    """Return a line of SDP with keys and addresses redacted."""
    if line.startswith(("a=ice-pwd:", "a=crypto:")):
        return f"{line.partition(':')[0]}:{logs.HIDDEN}"
    if line.startswith(("a=candidate:", "a=rtcp:", "c=", "o=")):
        return _ADDRESS.sub("[address]", line)
    return line


MEMBER = "member"
"""Host of the entry for a failed connection with a member, which is not a call."""


def no_connection(sentence: str, record: dict[str, Any], at: float) -> Traced:
    """Return the entry of a failed connection, with the reason and its record."""
    ms = round(1000 * float(record.get("seconds", {}).get("ended", 0.0)))
    return Traced(at=at, method="CONNECT", host=MEMBER, path="/", ms=ms, message=sentence, sent=record)


class CallTrace:
    """Appends to a file that all workers share. If it cannot be written, only the trace is lost."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._log = structlog.get_logger("psn")
        self._failed = False

    def add(self, entry: Traced) -> None:
        line = msgspec.json.encode(msgspec.structs.replace(entry, message=logs.redact(entry.message)[:500])) + b"\n"
        try:
            handle = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.write(handle, line)
                if os.fstat(handle).st_size > LIMIT_BYTES:
                    self._turn(handle)
            finally:
                os.close(handle)
        except OSError as error:
            if not self._failed:
                self._log.warning("calls are not traced", error=str(error))
            self._failed = True
        else:
            self._failed = False

    def _turn(self, handle: int) -> None:
        """Rotate the file, unless another worker is doing it or has done it."""
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(handle).st_ino == self._file.stat().st_ino:
                self._file.replace(former(self._file))


def former(file: Path) -> Path:
    return file.with_suffix(".1.jsonl")


def read(file: Path) -> Iterator[Traced]:
    """Yield the traced calls, the oldest first. Incomplete lines (a full disk) are skipped."""
    for part in (former(file), file):
        with contextlib.suppress(OSError):
            for line in part.read_bytes().splitlines():
                with contextlib.suppress(*UNUSABLE):
                    yield msgspec.json.decode(line, type=Traced)
