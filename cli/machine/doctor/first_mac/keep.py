"""Keeps the runs of `--first-mac` in one file, which `partyline report` takes along."""

from __future__ import annotations

from pathlib import Path

import msgspec

from cli.machine.doctor.first_mac.measured import FirstMacRun
from common.errors import PartylineError
from common.files.paths import Paths, write_atomically
from common.files.state import UNUSABLE

FORMAT = 1
NAME = "first-mac.json"
MOST = 20
"""Runs that are kept, the latest."""


class _File(msgspec.Struct, frozen=True, kw_only=True):
    format: int = FORMAT
    runs: tuple[FirstMacRun, ...] = ()


def place_of(paths: Paths) -> Path:
    return paths.log / NAME


def keep(paths: Paths, run: FirstMacRun) -> Path:
    """Add a run to the file. Return its path. Raises `PartylineError` if it cannot be written."""
    place = place_of(paths)
    try:
        before = msgspec.json.decode(place.read_bytes(), type=_File).runs
    except (OSError, *UNUSABLE):
        before = ()  # none yet, or of another version
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(place, msgspec.json.encode(_File(runs=(*before, run)[-MOST:])))
    except OSError as error:
        raise PartylineError(
            f"The measurements cannot be kept in {place}: {(error.strerror or str(error)).rstrip('.')}.",
            "Free some space, or make the folder writable. Then run it again.",
        ) from error
    return place
