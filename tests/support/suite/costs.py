"""What each test file costs: seconds, and seconds of a core of all its processes. A run prints the dearest."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.suite import order

SHOWN = 15
LONG_S = 60.0
"""A file that takes longer belongs into `tests.support.suite.order`. Thrice what the shortest there takes by itself."""
OUTPUT = "costs"
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")

Cost = tuple[float, float, int]
"""Seconds, seconds of a core, tests."""


def used_s() -> float:
    """Return the seconds of a core that this process, what it has started and what that has started have used.

    Of children that run only Linux tells. What a process leaves behind when it ends is nobody's child, and not counted.
    """
    own = os.times()
    running = sum(_with_ended_children_s(pid) for pid in _descendants(os.getpid()))
    return own.user + own.system + own.children_user + own.children_system + running


def _descendants(pid: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                yield int(child)
                yield from _descendants(int(child))


def _with_ended_children_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) * _TICK_S


class Costs:
    """A plugin of each process that runs tests, and of the main one, which prints."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._found: dict[str, Cost] = {}
        self._used_s = 0.0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        file = item.nodeid.partition("::")[0]
        if file not in self._found:
            self._used_s = used_s()
        began = time.monotonic()
        try:
            return (yield)
        finally:
            seconds, core_s, tests = self._found.get(file, (0.0, 0.0, 0))
            if nextitem is None or nextitem.path != item.path:
                core_s += max(0.0, used_s() - self._used_s)
            self._found[file] = (seconds + time.monotonic() - began, core_s, tests + 1)

    def pytest_sessionfinish(self) -> None:
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[OUTPUT] = self._found

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        self._found.update(getattr(node, "workeroutput", {}).get(OUTPUT, {}))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if len(self._found) < SHOWN:
            return
        terminalreporter.section("dearest files: seconds of a core, seconds, tests")
        for file, (seconds, core_s, tests) in sorted(self._found.items(), key=lambda one: -one[1][1])[:SHOWN]:
            terminalreporter.write_line(f"{core_s:7.1f} {seconds:7.1f} {tests:4} {file}")
        for file in unknown(self._found, self._config.rootpath):
            terminalreporter.write_line(f"{file} is long, and not in tests/support/suite/order.py: it may come last.")


def unknown(found: dict[str, Cost], root: Path) -> list[str]:
    """Return the long files that `tests.support.suite.order` does not know."""
    return [file for file, (seconds, *_) in found.items() if seconds > LONG_S and not order.is_known(root / file)]
