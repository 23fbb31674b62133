"""The last message of a process's log, as a sentence for a person."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from common.files.state import UNUSABLE
from common.log import logs

TAIL_BYTES = 16 * 1024
MOST_CHARS = 200
LOOKED_AT = 5
"""Lines at the end of the log. Earlier errors are over."""


def of_log(file: Path) -> str:
    """Return the last message in `file`, without its full stop, or "" if it is unreadable or says nothing."""
    try:
        with file.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - TAIL_BYTES))
            tail = log.read(TAIL_BYTES)
    except OSError:
        return ""
    return of_text(tail.decode("utf-8", "replace"))


def of_text(tail: str) -> str:
    """Return what the last lines of `tail` say. A JSON record gives its error, any other line is returned as is."""
    lines = [line for line in tail.splitlines() if line.strip()][-LOOKED_AT:]
    words = next((said for line in reversed(lines) if (said := _of_line(line))), "")
    said = " ".join(logs.redact(words).split())
    return (said if len(said) <= MOST_CHARS else f"{said[:MOST_CHARS]} …").rstrip(".")


def _of_line(line: str) -> str:
    """Return what a line says, or "" for a debug or info record."""
    try:
        record = msgspec.json.decode(line.strip(), type=dict[str, object])
    except UNUSABLE:
        return line
    if record.get("level") in {"debug", "info"}:
        return ""
    event = str(record.get("event", ""))
    exception = str(record.get("exception", "")).strip().splitlines()
    why = str(record.get("error") or record.get("message") or (exception[-1] if exception else ""))
    return f"{event}: {why}" if event and why else event or why
