"""This install's device id."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from common.files import state

_DUID = re.compile(r"[0-9a-f]{64}")


def duid(file: Path) -> str:
    """Return this install's random device id of 64 hex digits, generated once [one: Listener]."""
    known = state.read(file, _duid, "this install's device id")
    if known:
        return known
    made = secrets.token_hex(32)
    state.save_bytes(file, made.encode(), "this install's device id")
    return made


def _duid(raw: bytes) -> str:
    text = raw.decode("ascii").strip()
    if not _DUID.fullmatch(text):
        raise ValueError("it is not 64 hex digits")
    return text
