"""The move of a home: everything of another one into this one, e.g. from a checkout's var/ after an installation.

Nothing is overwritten and nothing is deleted. What stops in the middle goes on when it is run again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from cli.shared import supervisor as supervisors
from cli.shared.failures import CommandError
from cli.shared.terminal import counted, listed, printable
from common.files.paths import Paths, name_of
from common.run.process import running_workers
from common.run.programs import CONF

LEFT = frozenset({"run", "log", "cache", "mitmproxy", CONF})
"""Entries that are made anew: sockets, logs, caches, an environment that knows its path, the configuration."""
SIGNS = ("partyline.toml", "state", "secrets")
"""What a home has one of."""

Pair = tuple[Path, Path]


def take(folder: Path, paths: Paths, *, replace: bool = False) -> list[str]:
    """Move the home at `folder`, or in the checkout at `folder`, into that of `paths`. Return lines for the user.

    What both have is a `CommandError`, or put aside in this home with `replace`.
    """
    source = Paths(folder / "var" if (folder / CONF).is_file() and (folder / "var").is_dir() else folder)
    _check(source, paths)
    paths.make()
    wanted = [
        (entry, _target(entry, source, paths)) for entry in sorted(source.home.iterdir()) if entry.name not in LEFT
    ]
    pairs = [pair for old, new in wanted for pair in _pairs(old, new)]
    both = [new for _, new in pairs if os.path.lexists(new)]
    lines = []
    if both and not replace:
        names = listed([printable(str(new)) for new in both[:5]]) + (" and others" if len(both) > 5 else "")
        raise CommandError(
            f"This home already has {names}. Nothing was moved.",
            "Run it again with --replace, which puts these aside first.",
        )
    if both:
        aside = paths.home / time.strftime("replaced-%Y-%m-%d-%H%M%S")
        for new in both:
            _move(new, aside / (new.relative_to(paths.home) if new.is_relative_to(paths.home) else new.name))
        lines.append(f"Put {counted(len(both), 'file or folder', 'files and folders')} of this home aside: {aside}")
    for done, (old, new) in enumerate(pairs):
        try:
            _move(old, new)
        except OSError as error:
            raise CommandError(
                f"{old} cannot be moved to {new}: {error.strerror or error}. "
                f"{counted(done, 'entry', 'entries')} of {len(pairs)} were moved before it.",
                "Nothing is lost: each is in the one place or the other. Mend the cause, then run it again.",
            ) from error
    for old, _ in wanted:
        _remove_empty(old)
    lines += [f"Moved {old} to {new}" for old, new in wanted]
    if name_of(source) != name_of(paths) and not (paths.secrets / "tokens-playstation.json").exists():
        lines.append("A sign-in in the keychain stays with the other home. Sign in here with `partyline login`.")
    if rest := sorted(entry.name for entry in source.home.iterdir()):
        lines.append(f"Left in {source.home}: {listed(rest)}. Nothing of it is needed here.")
    return lines if wanted else [f"There is nothing to move in {source.home}."]


def _check(source: Paths, paths: Paths) -> None:
    if not any((source.home / name).exists() for name in SIGNS):
        raise CommandError(
            f"{printable(str(source.home))} is no home of partyline: it has no {listed(list(SIGNS))}.",
            "Name the folder that was $PARTYLINE_HOME, or the checkout.",
        )
    here, there = paths.home.resolve(), source.home.resolve()
    if here == there or here in there.parents or there in here.parents:
        raise CommandError(
            f"{printable(str(source.home))} is this home itself, or one lies in the other.",
            "Set $PARTYLINE_HOME to the home that everything is to be moved into, or name another folder.",
        )
    for home in (source, paths):
        if supervisors.find(home) is not None or running_workers(home.run):
            raise CommandError(
                f"A pipeline is running in {printable(str(home.home))}. Nothing was moved.",
                f"Stop it: `PARTYLINE_HOME={printable(str(home.home))} partyline down`.",
            )


def _target(entry: Path, source: Paths, paths: Paths) -> Path:
    """Return where an entry of the other home belongs in this one."""
    known = {source.settings_file: paths.settings_file, source.recordings: paths.recordings}
    return known.get(entry, paths.home / entry.name)


def _pairs(old: Path, new: Path) -> Iterator[Pair]:
    """Yield what is to be moved whole. Folders that both have are merged."""
    if _is_folder(old) and _is_folder(new):
        for entry in sorted(old.iterdir()):
            yield from _pairs(entry, new / entry.name)
    else:
        yield old, new


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _move(old: Path, new: Path) -> None:
    """Move `old` to `new`, which does not exist. Across disks the copy is complete before `old` is removed."""
    new.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if old.is_symlink():
        new.symlink_to(old.parent / old.readlink())  # a relative one still leads where it led
        old.unlink()
        return
    try:
        old.rename(new)
    except OSError:
        copy = new.with_name(f".{new.name}.importing")
        _remove(copy)
        try:
            if old.is_dir():
                shutil.copytree(old, copy, symlinks=True)
            else:
                shutil.copy2(old, copy)
            copy.rename(new)
        except OSError:
            _remove(copy)
            raise
        _remove(old)


def _remove(path: Path) -> None:
    if _is_folder(path):
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _remove_empty(folder: Path) -> None:
    """Remove a folder whose entries were all moved."""
    if _is_folder(folder):
        for entry in folder.iterdir():
            _remove_empty(entry)
        with contextlib.suppress(OSError):  # it has something in it
            folder.rmdir()
