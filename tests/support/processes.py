"""Real processes for tests: a home of their own, started, watched, killed, and always ended."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

from common.files.paths import CHECKOUT
from tests.support import leaks
from tests.support.warm import Forked, can_fork, nursery


def free_port() -> int:
    """Return a TCP port of loopback that nobody has right now, nor gets by chance: systems give out higher ones."""
    while True:
        port = random.randrange(12_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def short_folder(parent: str = "/tmp") -> Iterator[Path]:
    """Yield a temporary folder below `parent` whose path is short enough for sockets in it, also on a Mac.

    At its end no secret may lie in it (see `tests.support.leaks`).
    """
    folder = Path(tempfile.mkdtemp(prefix="pl-", dir=parent))
    since = leaks.mark()
    try:
        yield folder
        found = leaks.search(folder, since)
        assert not found, "secrets where none may be:\n" + "\n".join(map(str, found))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


COLD = {"PYTHONUNBUFFERED": "1"}
"""On top of its environment, a process starts as a user's would, with all its imports."""


class Process:
    """One `python -m <module>` with its output in a file."""

    def __init__(self, module: str, home: Path, env: dict[str, str] | None = None, *arguments: str) -> None:
        self.module = module
        self.log = home / f"{module}.{time.monotonic_ns()}.out"
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("PARTYLINE_", "SUPERVISOR_"))}
        whole = {**clean, "PARTYLINE_HOME": str(home), **(env or {})}
        self.popen: subprocess.Popen[bytes] | Forked
        with self.log.open("wb") as out:
            if can_fork(env or {}):
                with Path(os.devnull).open("rb") as nothing:
                    self.popen = nursery().start(module, arguments, whole, out.fileno(), out.fileno(), nothing.fileno())
            else:
                self.popen = subprocess.Popen(
                    [sys.executable, "-m", module, *arguments],
                    env=whole,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                )

    @property
    def output(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait()

    def stop(self, within_s: float = 15.0) -> int:
        """Send SIGTERM and return the exit code."""
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(within_s)

    def end(self) -> None:
        if self.popen.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.kill()


def run_module(
    module: str, *arguments: str, env: dict[str, str], within_s: float, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `python -m module` with the environment `env` to its end, forked where that is the same."""
    words = [module, *arguments]
    if not can_fork({name: value for name, value in env.items() if os.environ.get(name) != value}):
        command = [sys.executable, "-m", *words]
        return subprocess.run(
            command, input=stdin, capture_output=True, text=True, cwd=CHECKOUT, env=env, timeout=within_s, check=False
        )
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err, TemporaryFile("w+") as typed:
        typed.write(stdin)
        typed.seek(0)
        process = nursery().start(module, arguments, env, out.fileno(), err.fileno(), typed.fileno())
        try:
            code = process.wait(within_s)
        finally:
            process.kill()
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(words, code, out.read(), err.read())


@contextmanager
def running() -> Iterator[Callable[..., Process]]:
    """Yield a starter of `Process`es, all of which end with the block, the latest first."""
    started: list[Process] = []

    def start(module: str, home: Path, env: dict[str, str] | None = None, *arguments: str) -> Process:
        started.append(Process(module, home, env, *arguments))
        return started[-1]

    try:
        yield start
    finally:
        for process in reversed(started):
            process.end()
