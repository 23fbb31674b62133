"""Probes of OBS, and of macOS' permissions for it. The Mac's parts were not run on a Mac yet."""

from __future__ import annotations

import asyncio
import contextlib
import plistlib
import shutil
import sqlite3
from pathlib import Path

import msgspec
import psutil

from cli.machine.doctor.judge.obs import LoweredGame, Obs, Permissions
from cli.machine.doctor.judge.sound import BLACKHOLE
from cli.machine.doctor.surroundings import Surroundings
from common.config.settings import is_loopback
from common.files.state import UNUSABLE
from common.obs.connection import ObsError, connect
from common.obs.lowered import find_lowered
from common.obs.memory import ObsMemory
from common.run.process import running_workers

_NAMES = frozenset({"OBS", "obs", "obs-studio"})
_BUNDLE = "com.obsproject.obs-studio"
_TABLE = Path("Library/Application Support/com.apple.TCC/TCC.db")
"""macOS' permissions, for programs with Full Disk Access only. The system's own and the user's have the same path."""
_MICROPHONE, _SCREEN = "kTCCServiceMicrophone", "kTCCServiceScreenCapture"


def obs(around: Surroundings) -> Obs:
    settings = around.settings.obs
    installed, version = _installed(around)
    elsewhere = bool(settings.port) or not is_loopback(settings.host)
    running = any(process.info["name"] in _NAMES for process in psutil.process_iter(["name"]))
    found = Obs(installed=installed, version=version, running=running, elsewhere=elsewhere)
    if (not running and not elsewhere) or (around.offline and not is_loopback(settings.host)):
        return found
    return asyncio.run(_asked(around, found))


def game(around: Surroundings) -> LoweredGame:
    """Look whether a game is lowered in OBS although no worker is there to bring it back. It changes nothing."""
    settings = around.settings.obs
    memory = _memory(around.paths.state / "obs.json")
    if "obs" in running_workers(around.paths.run):
        return LoweredGame(is_ours=bool(memory.filters), in_care=True)
    if not memory.filters:
        return LoweredGame()
    if around.offline and not is_loopback(settings.host):
        return LoweredGame(is_ours=True, fault="OBS is on another machine, which was not asked.")
    try:
        return LoweredGame(is_ours=True, lowered=asyncio.run(find_lowered(settings, memory.filters)))
    except ObsError as error:
        return LoweredGame(is_ours=True, fault=error.message)


def _memory(file: Path) -> ObsMemory:
    """Return what the obs worker remembers, without setting a file aside that cannot be used."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=ObsMemory)
    except (OSError, *UNUSABLE):
        return ObsMemory()


async def _asked(around: Surroundings, found: Obs) -> Obs:
    try:
        async with connect(around.settings.obs) as connection:
            answer = await connection.call("GetVersion")
    except ObsError as error:
        return msgspec.structs.replace(found, fault=error.message, remedy=error.remedy)
    return msgspec.structs.replace(found, version=str(answer.get("obsVersion", found.version)), connected=True)


def _installed(around: Surroundings) -> tuple[bool, str]:
    if not around.is_mac:
        return shutil.which("obs", path=around.environ.get("PATH", "")) is not None, ""
    for folder in (around.applications, around.user / "Applications"):
        with contextlib.suppress(OSError, plistlib.InvalidFileException):
            about = plistlib.loads((folder / "OBS.app" / "Contents" / "Info.plist").read_bytes())
            return True, str(about.get("CFBundleShortVersionString", ""))
    return False, ""


def permissions(around: Surroundings, root: Path = Path("/")) -> Permissions:
    return Permissions(
        obs_installed=_installed(around)[0],
        by_device=BLACKHOLE.lower() in around.settings.audio.device.lower(),
        microphone=_permission(around.user / _TABLE, _MICROPHONE),
        screen=_permission(root / _TABLE, _SCREEN),
    )


def _permission(table: Path, service: str) -> int | None:
    if not table.exists():
        return None
    try:
        with contextlib.closing(sqlite3.connect(f"{table.as_uri()}?mode=ro", uri=True)) as database:
            row = database.execute(
                "select auth_value from access where service = ? and client = ?", (service, _BUNDLE)
            ).fetchone()
    except (sqlite3.Error, OSError):
        return None
    return int(row[0]) if row else None
