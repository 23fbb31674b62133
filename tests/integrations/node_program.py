"""A program in Node that is told what to do by JSON lines, and says what happens by JSON lines."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.waiting import PATIENCE_S


class NodeProgram:
    """See `node_program`."""

    def __init__(self, program: Path, *words: object, key: str) -> None:
        env = {"PATH": os.environ["PATH"], "PARTYLINE_API_KEY": key}
        self.popen = subprocess.Popen(
            ["node", program, *map(str, words)],
            env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        self._said: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.popen.stdout or ():
            self._said.put(json.loads(line))

    def hear(self, wanted: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Return the next line that is wanted."""
        while True:
            said = self._said.get(timeout=PATIENCE_S)
            if wanted(said):
                return said

    def waiting(self) -> Iterator[dict[str, Any]]:
        """Yield the lines that have come, without waiting for more."""
        while not self._said.empty():
            yield self._said.get()

    def tell(self, name: str, *args: Any) -> None:
        """Make a call, whose result or error comes as a line."""
        assert self.popen.stdin is not None
        self.popen.stdin.write(json.dumps({"call": name, "args": args}) + "\n")

    def call(self, name: str, *args: Any) -> dict[str, Any]:
        """Return the result or the error of a call. Lines before it are skipped."""
        self.tell(name, *args)
        return self.hear(lambda said: "result" in said or "error" in said)

    def end(self) -> None:
        """Close its input, upon which it ends."""
        assert self.popen.stdin is not None
        self.popen.stdin.close()
        assert self.popen.wait(30) == 0

    def close(self) -> None:
        with self.popen:
            self.popen.kill()
            self._reader.join(30)


@contextmanager
def node_program(program: Path, *words: object, key: str) -> Iterator[NodeProgram]:
    """Run `program` with `words` and an API key. It has to end well when its input does."""
    running = NodeProgram(program, *words, key=key)
    try:
        yield running
        running.end()
    finally:
        running.close()
