"""Judgements about `$PARTYLINE_HOME`: settings, folders, disk, files."""

from __future__ import annotations

import msgspec

from cli.machine.doctor.check import CheckEvidence, CheckVerdict

HOME_MB = 100
"""Logs and state of a home: nine logs of 20 MB at most, and little else."""
MINUTE_MB = 28
"""What a recording of 16 talkers takes in a minute (README, Figures)."""


class SettingsFile(CheckEvidence, frozen=True, kw_only=True):
    file: str
    fault: str = ""
    open_to_others: bool = False


def settings(found: SettingsFile) -> CheckVerdict:
    if found.fault:
        return CheckVerdict("error", found.fault, "Correct that place, then run `partyline restart all`.")
    if found.open_to_others:
        return CheckVerdict(
            "note",
            f"Others may read {found.file}, and so the passwords in it.",
            f"`chmod 600 '{found.file}'`.",
        )
    return CheckVerdict("ok", "The settings are valid.")


class Folder(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    fault: str = ""
    """Why nothing can be written there."""
    free_mb: int = -1


class Folders(CheckEvidence, frozen=True, kw_only=True):
    home: Folder
    inside: tuple[Folder, ...] = ()
    recordings: Folder
    keep_free_mb: int = 500
    """`[recorder] keep_free_mb`."""


def writable(found: Folders) -> CheckVerdict:
    for folder in (found.home, *found.inside):
        if folder.fault:
            return CheckVerdict(
                "error",
                f"Nothing can be written in {folder.path}: {folder.fault}.",
                "Make the folder yours and writable, free space on its disk, or set $PARTYLINE_HOME to another one.",
            )
    return CheckVerdict("ok", f"{found.home.path} can be written.")


def disk(found: Folders) -> CheckVerdict:
    if 0 <= found.home.free_mb < HOME_MB:
        return CheckVerdict(
            "warning",
            f"Only {found.home.free_mb} MB are free where {found.home.path} is.",
            "Free space on that disk.",
        )
    return CheckVerdict("ok", f"{found.home.free_mb} MB are free.")


def recordings(found: Folders) -> CheckVerdict:
    folder = found.recordings
    if folder.fault:
        return CheckVerdict(
            "warning",
            f"Nothing can be recorded in {folder.path}: {folder.fault}.",
            "Make it writable, connect its disk, or set `[recorder] folder`.",
        )
    minutes = max(0, folder.free_mb - found.keep_free_mb) // MINUTE_MB
    if minutes < 1:
        return CheckVerdict(
            "warning",
            f"{folder.free_mb} MB are free for recordings, and {found.keep_free_mb} MB are kept free.",
            "Free space, or set `[recorder] folder` to another disk.",
        )
    return CheckVerdict("ok", f"Room for at least {minutes} minutes of 16 talkers.")


class StateFiles(CheckEvidence, frozen=True, kw_only=True):
    bad: tuple[str, ...] = ()
    """Files that were set aside since they could not be used."""
    unwritable: dict[str, str] = msgspec.field(default_factory=dict)
    """File → why it cannot be written."""
    exposed: tuple[str, ...] = ()
    """Files with secrets that others may read."""


def set_aside(found: StateFiles) -> CheckVerdict:
    if found.bad:
        return CheckVerdict(
            "note",
            f"These could not be used and were set aside: {', '.join(found.bad)}.",
            "Nothing is needed: partyline goes on without them. You may delete them.",
        )
    return CheckVerdict("ok", "No state file was set aside.")


def locked(found: StateFiles) -> CheckVerdict:
    if found.unwritable:
        name, why = min(found.unwritable.items())
        more = f", and {len(found.unwritable) - 1} more" if len(found.unwritable) > 1 else ""
        return CheckVerdict(
            "warning",
            f"{name} cannot be written ({why}){more}.",
            "Unlock it (Finder → Get Info → Locked, or `chflags nouchg`), or make it yours: `sudo chown -R $USER` on "
            "$PARTYLINE_HOME.",
        )
    if found.exposed:
        return CheckVerdict(
            "warning",
            f"Others may read {', '.join(found.exposed)}, which holds secrets.",
            "`chmod 600` on each.",
        )
    return CheckVerdict("ok", "Every state file can be written.")
