"""Port and password of obs-websocket as OBS itself keeps them on this machine, so that nobody has to copy a password.

OBS 30.2 and later: a JSON file of the plugin's; before that: a section of OBS's `global.ini`.
The folder on a Mac is from OBS's documentation and has not been run on one.
"""

from __future__ import annotations

import configparser
import os
import sys
from pathlib import Path

import msgspec

from common.files.state import UNUSABLE
from common.log.secret import Guarded, Secret


class OwnSettings(Guarded, frozen=True, kw_only=True):
    """Settings of OBS's WebSocket server."""

    enabled: bool
    port: int
    password: Secret


class _PluginFile(Guarded, frozen=True, kw_only=True):
    server_enabled: bool = False
    server_port: int = 4455
    auth_required: bool = True
    server_password: Secret = ""


def folder() -> Path:
    """Return OBS's folder of settings."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "obs-studio"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "obs-studio"


def read(place: Path) -> OwnSettings | None:
    """Return the settings of the OBS with its folder `place`, or None if they are missing or cannot be read."""
    return _plugin_file(place / "plugin_config" / "obs-websocket" / "config.json") or _global_ini(place / "global.ini")


def _plugin_file(file: Path) -> OwnSettings | None:
    try:
        found = msgspec.json.decode(file.read_bytes(), type=_PluginFile)
    except (OSError, *UNUSABLE):
        return None
    password = found.server_password if found.auth_required else ""
    return OwnSettings(enabled=found.server_enabled, port=found.server_port, password=password)


def _global_ini(file: Path) -> OwnSettings | None:
    ini = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        ini.read_string(file.read_text("utf-8-sig"))
        section = ini["OBSWebSocket"]
        password = section.get("ServerPassword", "") if section.getboolean("AuthRequired", fallback=True) else ""
        return OwnSettings(
            enabled=section.getboolean("ServerEnabled", fallback=False),
            port=section.getint("ServerPort", fallback=4455),
            password=password,
        )
    except (OSError, KeyError, ValueError, configparser.Error):
        return None
