"""A layer between Python and the file system that fails on purpose, and notes where it was asked to write.

`install` patches this process. While the file `flag` exists, what is written below `home` fails as `kind` says; each
failure leaves a line ``operation<TAB>place in our code<TAB>path below home`` in `sites`. Native code (libzmq's sockets)
and descriptors that were inherited go past it.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import shutil
import sys
from pathlib import Path
from typing import Any, Literal, Self

from common.files.paths import CHECKOUT

Kind = Literal["ENOSPC", "EROFS", "EACCES", "EIO", "EIO-replace", "EMFILE"]
KINDS: tuple[Kind, ...] = ("ENOSPC", "EROFS", "EACCES", "EIO", "EIO-replace", "EMFILE")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
HELPERS = ("common/files/paths.py", "common/files/unsaved.py", "common/files/state.py", "common/psn/http/shared.py")

REAL: dict[str, Any] = {
    name: getattr(os, name)
    for name in ("open", "write", "pwrite", "fsync", "replace", "rename", "mkdir", "unlink", "link", "ftruncate",
                 "close", "stat", "chmod")
}  # fmt: skip
REAL_IO_OPEN = io.open
REAL_USAGE = shutil.disk_usage


class Layer:
    def __init__(self, home: Path, kind: Kind, flag: Path, sites: Path) -> None:
        self.home, self.kind, self.flag, self.sites = str(home), kind, str(flag), str(sites)
        self.code = errno.__dict__[kind.partition("-")[0]]
        self.paths: dict[int, str] = {}

    # --- what fails --------------------------------------------------------------------------------

    def on(self, path: str) -> bool:
        if not path.startswith(self.home + "/"):
            return False
        try:
            REAL["stat"](self.flag)
        except OSError:
            return False
        return True

    def fail(self, operation: str, path: str) -> None:
        line = f"{operation}\t{place()}\t{path.removeprefix(self.home + '/')}\n"
        handle = REAL["open"](self.sites, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        REAL["write"](handle, line.encode())
        REAL["close"](handle)
        raise OSError(self.code, os.strerror(self.code), path)

    def opens(self, path: str, *, writes: bool, creates: bool) -> None:
        if not self.on(path):
            return
        made = creates and not os.path.lexists(path)
        fails = {"ENOSPC": made, "EROFS": writes, "EACCES": writes, "EMFILE": True}.get(self.kind, False)
        if fails:
            self.fail("open", path)

    def changes(self, operation: str, path: str) -> None:
        """A change of a folder: a name made, moved or taken away."""
        if not self.on(path):
            return
        new = operation in ("mkdir", "link") and not os.path.lexists(path)
        moved = operation in ("replace", "rename")
        read_only = self.kind in ("EROFS", "EACCES") and not (operation == "mkdir" and not new)
        if read_only or (self.kind == "ENOSPC" and new) or (self.kind == "EIO-replace" and moved):
            self.fail(operation, path)

    def grows(self, operation: str, handle: int, end: int | None) -> None:
        path = self.paths.get(handle, "")
        if path and self.on(path):
            size = os.fstat(handle).st_size
            grows = end is None or end > size
            if self.kind == "EIO" or (self.kind == "ENOSPC" and grows):
                self.fail(operation, path)


def place() -> str:
    """Return the innermost function of ours that is no helper: ``workers/session/memory.py:keep``."""
    frame = sys._getframe(2)
    while frame is not None:
        file = os.path.relpath(frame.f_code.co_filename, CHECKOUT)
        if file.startswith(("common/", "workers/", "cli/")) and file not in HELPERS:
            return f"{file}:{frame.f_code.co_name}"
        frame = frame.f_back
    return "?"


class _File:
    """A file object whose writes ask the layer."""

    def __init__(self, layer: Layer, file: Any) -> None:
        self._layer, self._file = layer, file

    def write(self, data: Any) -> Any:
        self._layer.grows("write", self._file.fileno(), None)
        return self._file.write(data)

    def __enter__(self) -> Self:
        self._file.__enter__()
        return self

    def __exit__(self, *error: object) -> Any:
        return self._file.__exit__(*error)

    def __iter__(self) -> Any:
        return iter(self._file)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def install(home: Path, kind: Kind, flag: Path, sites: Path) -> Layer:
    """Patch this process; call it before anything of ours is imported that binds these functions."""
    layer = Layer(home, kind, flag, sites)

    def open_(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        name = os.fsdecode(path)
        layer.opens(name, writes=bool(flags & WRITES), creates=bool(flags & os.O_CREAT))
        handle: int = REAL["open"](path, flags, mode, dir_fd=dir_fd)
        layer.paths[handle] = name
        return handle

    def close(handle: int) -> None:
        layer.paths.pop(handle, None)
        REAL["close"](handle)

    def io_open(file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
        writes = any(letter in mode for letter in "wax+")
        if isinstance(file, int):
            opened = REAL_IO_OPEN(file, mode, *more, **named)
            return _File(layer, opened) if writes and file in layer.paths else opened
        name = os.fsdecode(file)
        layer.opens(name, writes=writes, creates=any(letter in mode for letter in "wax"))
        opened = REAL_IO_OPEN(file, mode, *more, **named)
        if not writes or not name.startswith(layer.home):
            return opened
        layer.paths[opened.fileno()] = name
        return _File(layer, opened)

    def pwrite(handle: int, data: Any, offset: int) -> int:
        layer.grows("pwrite", handle, offset + len(data))
        written: int = REAL["pwrite"](handle, data, offset)
        return written

    def write(handle: int, data: Any) -> int:
        layer.grows("write", handle, None)
        written: int = REAL["write"](handle, data)
        return written

    def fsync(handle: int) -> None:
        if layer.kind == "EIO":
            layer.grows("fsync", handle, None)
        REAL["fsync"](handle)

    def ftruncate(handle: int, length: int) -> None:
        layer.grows("ftruncate", handle, length)
        REAL["ftruncate"](handle, length)

    def two(name: str) -> Any:
        def change(first: Any, second: Any, **more: Any) -> None:
            layer.changes(name, os.fsdecode(second))
            REAL[name](first, second, **more)

        return change

    def one(name: str) -> Any:
        def change(path: Any, *arguments: Any, **more: Any) -> None:
            layer.changes(name, os.fsdecode(path))
            REAL[name](path, *arguments, **more)

        return change

    def usage(path: Any) -> Any:
        found = REAL_USAGE(path)
        full = layer.kind == "ENOSPC" and layer.on(os.fsdecode(path) + "/")
        return type(found)(found.total, found.total, 0) if full else found

    os.open, os.close, os.write, os.pwrite, os.fsync, os.ftruncate = open_, close, write, pwrite, fsync, ftruncate  # type: ignore[assignment]
    for name in ("replace", "rename", "link"):
        setattr(os, name, two(name))
    for name in ("mkdir", "unlink"):
        setattr(os, name, one(name))
    io.open = builtins.open = io_open  # type: ignore[assignment]
    shutil.disk_usage = usage  # type: ignore[assignment]
    return layer
