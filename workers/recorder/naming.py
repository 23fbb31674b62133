"""What folders and files of a recording are called. No I/O."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import datetime

LONGEST = 40
_OTHERS = re.compile(r"[^A-Za-z0-9_-]+")
RESERVED = frozenset({"mix"})


def safe(text: str) -> str:
    """Return `text` in letters, digits, `-` and `_`, which every file system takes; it may be empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _OTHERS.sub("-", plain).strip("-_")[:LONGEST]


def folder_name(at: datetime, name: str, taken: Collection[str]) -> str:
    """Return ``2026-11-26_20-15-00`` and what the user called it, with a number behind it where `taken` has it."""
    called = safe(name)
    return _unique(at.strftime("%Y-%m-%d_%H-%M-%S") + (f"-{called}" if called else ""), taken)


def file_name(account_id: str, online_id: str, taken: Collection[str]) -> str:
    """Return a talker's file: by online id, else by account. `taken`: names in lower case; some disks know no other."""
    called = safe(online_id) or safe(account_id) or "talker"
    return _unique(called, {*taken, *RESERVED}) + ".flac"


def _unique(stem: str, taken: Collection[str]) -> str:
    found, number = stem, 1
    while found.lower() in taken:
        number += 1
        found = f"{stem}-{number}"
    return found
