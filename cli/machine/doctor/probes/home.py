"""Probes of `$PARTYLINE_HOME`. They create nothing that stays."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path

from cli.machine.doctor.judge.home import Folder, Folders, SettingsFile, StateFiles
from cli.machine.doctor.surroundings import Surroundings
from common.files.state import BAD

_BLOCK = b"\0" * 65536
"""More than a file system keeps within its own tables, so that a full disk shows."""


def settings(around: Surroundings) -> SettingsFile:
    file = around.paths.settings_file
    try:
        mode = file.stat().st_mode
    except OSError:
        mode = 0
    has_password = bool(around.settings.obs.password)
    return SettingsFile(file=str(file), fault=around.settings_error, open_to_others=bool(mode & 0o077) and has_password)


def folders(around: Surroundings) -> Folders:
    paths, recorder = around.paths, around.settings.recorder
    inside = [paths.run, paths.state, paths.log, paths.secrets]
    kept = paths.home / Path(recorder.folder).expanduser() if recorder.folder else paths.recordings
    return Folders(
        home=_folder(paths.home),
        inside=tuple(_folder(place) for place in inside if place.exists()),
        recordings=_folder(kept),
        keep_free_mb=recorder.keep_free_mb,
    )


def _folder(place: Path) -> Folder:
    """Write and delete a file in `place`, or in the nearest folder above it that exists."""
    there = next(folder for folder in (place, *place.parents) if folder.exists())
    fault, free = "", -1
    try:
        with tempfile.NamedTemporaryFile(prefix=".partyline-doctor-", dir=there) as file:
            file.write(_BLOCK)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        fault = (error.strerror or str(error)).rstrip(".")
    try:
        free = shutil.disk_usage(there).free // 1_000_000
    except OSError as error:
        fault = fault or (error.strerror or str(error))
    return Folder(path=str(place), fault=fault, free_mb=free)


def files(around: Surroundings) -> StateFiles:
    paths = around.paths
    found = [file for folder in (paths.state, paths.secrets, paths.home) for file in _files(folder)]
    secret = [file for file in found if file.parent == paths.secrets]
    return StateFiles(
        bad=tuple(_short(file, paths.home) for file in found if file.name.endswith(BAD)),
        unwritable={_short(file, paths.home): why for file in found if (why := _why_not(file))},
        exposed=tuple(_short(file, paths.home) for file in secret if _mode(file) & 0o077),
    )


def _files(folder: Path) -> list[Path]:
    try:
        return [file for file in sorted(folder.iterdir()) if file.is_file() and not file.name.startswith(".")]
    except OSError:
        return []


def _short(file: Path, home: Path) -> str:
    return str(file.relative_to(home)) if file.is_relative_to(home) else str(file)


def _mode(file: Path) -> int:
    try:
        return file.stat().st_mode
    except OSError:
        return 0


def _why_not(file: Path) -> str:
    """Return why `file` cannot be written, "" if it can. Nothing is written."""
    try:
        found = file.stat()
        if getattr(found, "st_flags", 0) & (stat.UF_IMMUTABLE | stat.SF_IMMUTABLE):
            return "it is locked"
        if found.st_uid != os.getuid():
            return "it belongs to another user"
        os.close(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC))
    except OSError as error:
        return (error.strerror or str(error)).rstrip(".").lower()
    return ""
