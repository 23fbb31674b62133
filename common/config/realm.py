"""The network that the settings file names, and a writer that keeps the user's comments."""

from __future__ import annotations

import os
from typing import Literal

import tomlkit
import tomlkit.items
from tomlkit.exceptions import TOMLKitError

from common.errors import SettingsError
from common.files.paths import Paths, write_atomically

Realm = Literal["simulator", "playstation"]

VARIABLE = "PARTYLINE_PSN__REALM"
READERS = ("simulator", "auth", "session", "signaling", "media")
"""The workers whose behaviour depends on the realm."""


def with_realm(text: str, realm: Realm) -> str:
    """Return the settings `text` with ``[psn] realm`` set. Comments and everything else stay."""
    try:
        document = tomlkit.parse(text)
        psn = document.get("psn")
        if psn is None:
            psn = tomlkit.table()
            document["psn"] = psn
        psn["realm"] = realm
        return tomlkit.dumps(document)
    except (TOMLKitError, TypeError) as error:
        raise SettingsError(f"partyline.toml cannot be changed: {error}", "Mend that line of the file.") from error


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
    try:
        before = paths.settings_file.read_text("utf-8") if paths.settings_file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{paths.settings_file} cannot be read: {error}", "Check the file.") from error
    after = with_realm(before, realm)
    if forced or after == before:
        return False
    paths.make()
    target = paths.settings_file.resolve()  # through a link, not over it
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
    write_atomically(target, after.encode(), mode=mode)
    return True
