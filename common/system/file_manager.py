"""The desktop's file manager, its player and its trash. The side of the Mac is not run on a Mac yet.

macOS: `open -R` shows a file in the Finder (open(1)). Linux: `xdg-open` opens a folder, as no program there shows one
file in every desktop.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import send2trash

from common.errors import PartylineError

PLATFORM = sys.platform
ANSWER_S = 5.0
"""Both programs end at once, but some desktops' `xdg-open` lasts as long as what it opened."""


def reveal(path: Path) -> None:
    """Show a folder in the file manager. Raises `PartylineError` without a desktop."""
    _open(["open", "-R", str(path)] if PLATFORM == "darwin" else ["xdg-open", str(path)], path)


def play(path: Path) -> None:
    """Open a sound file in the program that the desktop has for it. Raises `PartylineError` without a desktop."""
    _open(["open", str(path)] if PLATFORM == "darwin" else ["xdg-open", str(path)], path)


def _open(command: list[str], path: Path) -> None:
    try:
        process = subprocess.Popen(  # noqa: S603  # no shell, and the path is absolute
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except OSError as error:
        raise _no_desktop(path) from error
    try:
        code = process.wait(ANSWER_S)
    except subprocess.TimeoutExpired:
        return
    if code:
        raise _no_desktop(path)


def _no_desktop(path: Path) -> PartylineError:
    return PartylineError(
        "This machine has no desktop that could open it.", f"It is in {path}.", code="system.no-desktop"
    )


def trash(path: Path) -> None:
    """Move a file or folder to the trash. Raises `PartylineError` where there is none."""
    try:
        send2trash.send2trash(path)
    except OSError as error:
        raise PartylineError(
            f"{path.name} could not be moved to the trash: {error.strerror or error}.",
            f"Delete {path} by hand, or with `partyline recordings delete --for-good {path.name}`.",
            code="system.no-trash",
        ) from error
