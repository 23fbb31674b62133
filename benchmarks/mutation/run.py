"""Runs a module's tests against its mutants, one after the other, in a copy of the tree."""

from __future__ import annotations

import compileall
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from benchmarks.mutation.deciding import file_of
from benchmarks.mutation.mutants import Mutant
from common.files.paths import CHECKOUT

Outcome = Literal["killed", "survived", "timed out"]
NICENESS = 15
FIRST_LIMIT_S = 120
"""CPU time that the tests may take without a mutation, in seconds."""
LEAST_CPU_S = 3
WALL_PER_CPU = 12
"""Wall time that a mutant may take for each second of its CPU limit. Other processes may have the machine."""


class TestsFailedError(Exception):
    """There are no tests that pass without a mutation. The message is what pytest said."""


class Runner:
    """A copy of the tree, and a process in it that runs tests."""

    def __init__(self, folder: Path, warm: subprocess.Popen[str]) -> None:
        self._folder = folder
        self._warm = warm

    @contextmanager
    def module(self, module: str, tests: Sequence[str]) -> Iterator[Tried]:
        """Collect the tests of a module and run them without a mutation. Its limits are three times what that took."""
        order: dict[str, Any] = {
            "tests": list(tests),
            "folder": str(self._folder),
            "output": str(self._folder / "output"),
            "file": str(self._folder / file_of(module)),
            "cpu_s": FIRST_LIMIT_S,
            "wall_s": FIRST_LIMIT_S * 4,
        }
        if self._ask({**order, "do": "collect", "cache": True})["code"] != 0:
            raise TestsFailedError(self._said())
        answer = self._ask({**order, "do": "code", "source": ""})
        if answer["code"] != 0:
            self._ask({"do": "done"})
            raise TestsFailedError(self._said())
        order["cpu_s"] = LEAST_CPU_S + round(3 * answer["cpu_s"])
        order["wall_s"] = WALL_PER_CPU * order["cpu_s"]
        tried = Tried(order, self._ask)
        yield tried
        self._ask({"do": "done"})
        tried.try_fresh()

    def _said(self) -> str:
        return (self._folder / "output").read_text(errors="replace")[-2000:]

    def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self._warm.stdin is not None
        assert self._warm.stdout is not None
        self._warm.stdin.write(json.dumps(order) + "\n")
        self._warm.stdin.flush()
        answer: dict[str, Any] = json.loads(self._warm.stdout.readline())
        return answer


class Tried:
    """The mutants of one module, tried one after the other."""

    def __init__(self, order: dict[str, Any], ask: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self._order = order
        self._ask = ask
        self._outside: list[Mutant] = []
        self.outcomes: dict[Outcome, list[Mutant]] = {"killed": [], "survived": [], "timed out": []}

    def test(self, mutant: Mutant) -> None:
        """Try a mutant: at once if it is within a function, else when the collected tests are done with."""
        if mutant.outside:
            self._outside.append(mutant)
        else:
            self._note(mutant, self._ask({**self._order, "do": "code", "source": mutant.source})["code"])

    def try_fresh(self) -> None:
        file = Path(self._order["file"])
        before = file.read_bytes()
        Path(importlib.util.cache_from_source(str(file))).unlink(missing_ok=True)
        for mutant in self._outside:
            try:
                file.write_text(mutant.source)
                self._note(mutant, self._ask({**self._order, "do": "fresh"})["code"])
            finally:
                file.write_bytes(before)

    def _note(self, mutant: Mutant, code: int | None) -> None:
        outcome: Outcome = "timed out" if code is None else "survived" if code == 0 else "killed"
        self.outcomes[outcome].append(mutant)


@contextmanager
def runner() -> Iterator[Runner]:
    """Copy the tree as it stands (what git knows or would add), and start the process that runs tests there."""
    with tempfile.TemporaryDirectory(prefix="pl-mutation-") as name:
        folder = Path(name)
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=CHECKOUT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for file in filter(None, listed.split("\0")):
            if (CHECKOUT / file).is_file() and not file.startswith("benchmarks/results/"):
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(CHECKOUT / file, folder / file)
        compileall.compile_dir(name, quiet=2)
        warm = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.mutation.warm"],
            cwd=folder,
            env={**os.environ, "PYTHONHASHSEED": "0"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=_yield_to_others,  # noqa: PLW1509  # no thread runs here
        )
        try:
            yield Runner(folder, warm)
        finally:
            warm.kill()
            warm.wait()


def _yield_to_others() -> None:
    os.nice(max(0, NICENESS - os.nice(0)))
