"""The platform's own folders for what partyline keeps, by platformdirs. Not run on a Mac yet.

| | macOS | Linux |
|---|---|---|
| `data` | ~/Library/Application Support/partyline | $XDG_DATA_HOME/partyline |
| `config` | the same | $XDG_CONFIG_HOME/partyline |
| `log` | ~/Library/Logs/partyline | $XDG_STATE_HOME/partyline/log |
| `cache` | ~/Library/Caches/partyline | $XDG_CACHE_HOME/partyline |
| `recordings` | ~/Movies/partyline | the user's folder for videos, e.g. ~/Videos/partyline |
"""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import PlatformDirs

NAME = "partyline"
VARIABLES = ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_VIDEOS_DIR")
"""What these folders depend on, besides the user's home."""
_DIRS = PlatformDirs(NAME, appauthor=False)


def data() -> Path:
    return Path(_DIRS.user_data_path).absolute()


def config() -> Path:
    return Path(_DIRS.user_config_path).absolute()


def log() -> Path:
    return Path(_DIRS.user_log_path).absolute()


def cache() -> Path:
    return Path(_DIRS.user_cache_path).absolute()


def recordings() -> Path:
    return Path(_DIRS.user_videos_path).absolute() / NAME


def variables() -> dict[str, str]:
    """Return the variables that are set, for a process that is to find the same folders."""
    return {name: os.environ[name] for name in VARIABLES if os.environ.get(name)}
