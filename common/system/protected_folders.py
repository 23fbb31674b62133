"""Folders of macOS that a process of launchd may not read. Elsewhere there are none.

A program that was started from Terminal has Terminal's permission. One that launchd started gets "Operation not
permitted", without a question on the screen. Not run on a Mac yet.
"""

from __future__ import annotations

import sys
from pathlib import Path

_OF_THE_USER = {
    "Desktop": "the Desktop folder",
    "Documents": "the Documents folder",
    "Downloads": "the Downloads folder",
    "Library/Mobile Documents": "iCloud Drive",
    "Library/CloudStorage": "a cloud drive",
}
_VOLUMES = Path("/Volumes")


def protected_by(path: Path, user_home: Path, platform: str = sys.platform) -> str:
    """Return in which protected folder `path` is, in words, or "" if launchd's processes may read it.

    `path` and `user_home` are compared as given. Resolve links first.
    """
    if platform != "darwin":
        return ""
    for folder, words in _OF_THE_USER.items():
        if path.is_relative_to(user_home / folder):
            return words
    return "an external disk" if path.is_relative_to(_VOLUMES) else ""
