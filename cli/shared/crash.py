"""The report of an unexpected exception, with two lines for the user and a redacted traceback in a file."""

from __future__ import annotations

import time
import traceback
from pathlib import Path

from common.files.paths import Paths
from common.log import logs


def report(error: Exception) -> str:
    """Write the traceback of `error` to `cli-crash.log`. Return the two lines to show."""
    what = logs.redact(f"{type(error).__name__}: {error}".replace("\n", " "))
    file = Paths.of_environment().log / "cli-crash.log"
    stamp = time.strftime("%Y-%m-%d %H:%M:%S")
    try:
        _append(file, f"--- {stamp}\n{logs.redact(''.join(traceback.format_exception(error)))}\n")
    except OSError as trouble:
        return f"An unexpected error occurred: {what}\nIts details could not be written to {file} ({trouble}).\n"
    return f"An unexpected error occurred: {what}\nPlease report it with the end of {file}.\n"


def _append(file: Path, text: str) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as out:
        out.write(text)
    file.chmod(0o600)
