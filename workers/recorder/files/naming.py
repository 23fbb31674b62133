"""Names of a recording's folders and files. No I/O."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import datetime

LONGEST = 40
"""Characters of a name. Chosen to stay below the limits of all file systems, with a number and an extension."""
_OTHERS = re.compile(r"[^A-Za-z0-9_-]+")
RESERVED = frozenset({"mix"})


def safe(text: str) -> str:
    """Return `text` in letters, digits, `-` and `_`, which every file system accepts. It may be empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _OTHERS.sub("-", plain).strip("-_")[:LONGEST]


def folder_name(at: datetime, name: str, taken: Collection[str]) -> str:
    """Return ``2026-11-26_20-15-00`` and the user's name for it, with a number after it if `taken` has it."""
    called = safe(name)
    return _unique(at.strftime("%Y-%m-%d_%H-%M-%S") + (f"-{called}" if called else ""), taken)


def file_name(account_id: str, online_id: str, taken: Collection[str]) -> str:
    """Return a talker's file name by online id, or by account. `taken` is in lower case, as some disks ignore case."""
    called = safe(online_id) or safe(account_id) or "talker"
    return _unique(called, {*taken, *RESERVED}) + ".flac"


def _unique(name: str, taken: Collection[str]) -> str:
    found, number = name, 1
    while found.lower() in taken:
        number += 1
        found = f"{name}-{number}"
    return found
