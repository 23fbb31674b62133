"""Turning the pipeline to another realm: the settings file, and the workers that read it."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Literal

import tomlkit
import tomlkit.items
from tomlkit.exceptions import TOMLKitError

from cli.failures import CommandError
from cli.health import LOOK_S
from cli.lifecycle import restart_and_wait
from cli.picture import Picture
from cli.pipeline import snapshot
from cli.supervisor import Supervisor
from common.bus import Bus
from common.errors import BusUnreachableError, SettingsError
from common.messages import AuthState
from common.paths import Paths, write_atomically

Realm = Literal["simulator", "playstation"]

VARIABLE = "PARTYLINE_PSN__REALM"
READERS = ("simulator", "auth", "session", "signaling", "media")
"""The workers that behave differently in another realm."""
TURN_S = 30.0


def with_realm(text: str, realm: Realm) -> str:
    """Return the settings `text` with ``[psn] realm`` set; comments and everything else stay."""
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
    """Return the realm that the environment forces, if it does; raises `CommandError` when that is another one."""
    forced = os.environ.get(VARIABLE, "")
    if forced and forced != realm:
        raise CommandError(
            f"The environment sets {VARIABLE}={forced}, and it wins over the settings file.",
            f"Unset {VARIABLE} (also for the running pipeline: `partyline down`), then try again.",
        )
    return forced


def choose(paths: Paths, realm: Realm) -> bool:
    """Write the realm into the settings file; return whether that changed it.

    Raises `CommandError` when the environment says something else, `SettingsError` on a broken file.
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


async def turn(bus: Bus, supervisor: Supervisor | None, realm: Realm) -> Picture:
    """Restart the workers that still run in another realm, and wait for auth to be in this one.

    Raises `CommandError` when they cannot be restarted, or stay in the other realm.
    """
    picture = await snapshot(bus)
    if picture.realm == realm:
        return picture
    if supervisor is None:
        raise CommandError(
            "The workers run without supervisord, so they cannot be restarted from here.",
            f"Restart {', '.join(READERS)} yourself, then try again.",
        )
    present = {process.name for process in supervisor.processes()}
    await restart_and_wait(supervisor, [name for name in READERS if name in present], bus)
    return await _wait_for(bus, realm)


async def _wait_for(bus: Bus, realm: Realm) -> Picture:
    deadline = time.monotonic() + TURN_S
    while time.monotonic() < deadline:
        try:
            picture = await snapshot(bus, wait_s=1.0)
        except BusUnreachableError:
            continue
        auth = picture.one(AuthState)
        if auth and auth.realm == realm:
            return picture
        await asyncio.sleep(LOOK_S)
    raise CommandError(
        f"The workers stay in the other realm, although the settings file says {realm!r}.",
        f"supervisord may have {VARIABLE} in its environment: `partyline down`, unset it, `partyline up`.",
    )
