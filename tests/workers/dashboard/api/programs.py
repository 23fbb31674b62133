"""The example programs, started as a user would: with the API's address and a key in the environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import playwright

from common.files.paths import CHECKOUT
from workers.dashboard.serve.site import STATIC

EXAMPLES = STATIC / "examples"
NEW_NODE = Path(playwright.__file__).parent / "driver" / "node"
"""Playwright's own, which has a WebSocket."""
RUN = {
    ".py": [sys.executable],
    ".mjs": [str(NEW_NODE)],
    ".sh": ["bash"],
}
LIMIT_S = 60


class Program:
    """One running program."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout
        self._lines.extend(iter(self._process.stdout.readline, ""))

    @property
    def output(self) -> str:
        """What it printed so far, errors too."""
        return "".join(self._lines)

    def write(self, words: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(words)
        self._process.stdin.flush()

    def end_input(self) -> int:
        """Close its input, and return its exit code."""
        assert self._process.stdin
        self._process.stdin.close()
        code = self._process.wait(LIMIT_S)
        self._reader.join(LIMIT_S)
        return code


@contextmanager
def started(command: list[str], url: str, key: str, folder: Path | None = None) -> Iterator[Program]:
    """Yield a program that runs, with what it starts itself; all of it is ended afterwards."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARTYLINE_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**kept, "PATH": path, "PARTYLINE_API_URL": url, "PARTYLINE_API_KEY": key, "NO_PROXY": "*"}
    process = subprocess.Popen(
        command, env=env, cwd=folder or CHECKOUT, start_new_session=True, text=True, encoding="utf-8",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield Program(process)
    finally:
        try:
            os.killpg(process.pid, 9)
        except ProcessLookupError:
            pass
        process.wait(LIMIT_S)
        for stream in (process.stdin, process.stdout):
            assert stream
            try:
                stream.close()
            except BrokenPipeError:
                pass


def example(name: str, suffix: str, *arguments: str) -> list[str]:
    """Return the command that runs an example."""
    (file,) = EXAMPLES.glob(f"*/{name}{suffix}")
    return [*RUN[suffix], str(file), *arguments]


def lacking(suffix: str) -> str:
    """Return what this machine lacks to run programs of a kind, empty for nothing."""
    needed = {".sh": ("bash", "curl", "jq")}.get(suffix, ())
    return ", ".join(name for name in needed if not shutil.which(name))
