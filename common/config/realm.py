"""The network that the settings file names."""

from __future__ import annotations

import os
from typing import Literal

from common.config import edit
from common.errors import SettingsError
from common.files.paths import Paths

Realm = Literal["simulator", "playstation"]

VARIABLE = "PARTYLINE_PSN__REALM"
READERS = ("simulator", "auth", "session", "signaling", "media")
"""The workers whose behaviour depends on the realm."""
TOKEN_HOLDERS = ("signaling", "session")
"""The workers that hold an access token in memory, or a push channel that was opened with it."""


def with_realm(text: str, realm: Realm) -> str:
    """Return the settings `text` with ``[psn] realm`` set. Comments and everything else stay."""
    return edit.with_value(text, "psn", "realm", realm)


def check(realm: Realm) -> str:
    """Return the realm that the environment forces, or "". Raises `SettingsError` if that is another one."""
    forced = os.environ.get(VARIABLE, "")
    if forced and forced != realm:
        raise SettingsError(
            f"The environment sets {VARIABLE}={forced}, and it wins over the settings file.",
            f"Unset {VARIABLE} (also for the running pipeline: `partyline down`), then try again.",
        )
    return forced


def choose(paths: Paths, realm: Realm) -> bool:
    """Write the realm into the settings file. Return whether that changed it.

    Raises `SettingsError` if the environment forces another realm or the file is broken.
    """
    forced = check(realm)
    before = edit.read(paths)
    after = with_realm(before, realm)
    if forced or after == before:
        return False
    edit.write(paths, after)
    return True
