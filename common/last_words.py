"""The last that a process wrote into its log, as a sentence for a person."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from common import logs
from common.state import UNUSABLE

TAIL_BYTES = 16 * 1024
MOST_CHARS = 200
LOOKED_AT = 5
"""So many lines at the end: what was wrong before that is over."""


def of_log(file: Path) -> str:
    """Return the last words in `file`, without its full stop; empty where it cannot be read, or says nothing."""
    try:
        with file.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - TAIL_BYTES))
            tail = log.read(TAIL_BYTES)
    except OSError:
        return ""
    return of_text(tail.decode("utf-8", "replace"))


def of_text(tail: str) -> str:
    """Return what the last lines of `tail` say: of our records what went wrong, of others the line itself."""
    lines = [line for line in tail.splitlines() if line.strip()][-LOOKED_AT:]
    words = next((said for line in reversed(lines) if (said := _of_line(line))), "")
    said = " ".join(logs.redact(words).split())
    return (said if len(said) <= MOST_CHARS else f"{said[:MOST_CHARS]} …").rstrip(".")


def _of_line(line: str) -> str:
    """Return what a line says; nothing of a record that only tells that all is well."""
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
