"""Runs unit tests against mutants in forked children, so that a mutant costs its tests and no imports.

Started by `run` in a copy of the tree. It imports the libraries and none of our own modules. Orders come on stdin, a
JSON line each, and an outcome is returned for each:

- ``collect``: fork a process that imports and collects the tests. It takes the orders until ``done``.
- ``code``: in a child of that one, put the functions of a mutated module in place and run the tests.
- ``fresh``: in a child without our modules, run the tests. The module's file was changed before. For what lies
  outside of functions.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import IO, Any

LIBRARIES = (
    "aiohttp.web", "aiortc", "av", "httpx", "hypothesis", "hypothesis.strategies", "msgspec", "numpy", "pytest",
    "scipy.signal", "soxr", "stamina", "structlog", "websockets", "zmq.asyncio",
)  # fmt: skip
MEMORY_BYTES = 4 << 30
"""Address space of a child. A mutant may fill a list without end."""
LOOK_S = 0.002
OPTIONS = (
    "-x", "-q", "--no-header", "--tb=line", "--durations=0", "-p", "no:cacheprovider", "-m", "not realtime",
    "-W", "ignore::pytest.PytestAssertRewriteWarning", "--hypothesis-profile=mutation",
)  # fmt: skip


class Channel:
    """Orders in, outcomes out. pytest takes the usual descriptors away, so these are copies."""

    def __init__(self) -> None:
        self._in: IO[str] = os.fdopen(os.dup(0))
        self._out: IO[str] = os.fdopen(os.dup(1), "w")

    def orders(self) -> Iterator[dict[str, Any]]:
        while line := self._in.readline():
            yield json.loads(line)

    def reply(self, outcome: dict[str, Any]) -> None:
        self._out.write(json.dumps(outcome) + "\n")
        self._out.flush()


def tests(order: dict[str, Any], plugins: list[object]) -> int:
    """Run pytest. No shrinking, no database of examples and no random seed: a mutant has the same outcome each time."""
    import hypothesis  # noqa: PLC0415  # imported long ago, in the parent
    import pytest  # noqa: PLC0415

    for name in [name for name in sys.modules if name.partition(".")[0] == "benchmarks"]:
        del sys.modules[name]
    sys.path[0] = order["folder"]
    sys.dont_write_bytecode = not order.get("cache", False)
    hypothesis.settings.register_profile(
        "mutation",
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )
    return int(pytest.main([*OPTIONS, *order["tests"]], plugins=plugins))


def forked(order: dict[str, Any], child: Callable[[], None]) -> dict[str, Any]:
    """Run `child` in a process of its own within the order's limits. It ends that process with pytest's code."""
    began = time.monotonic()
    if (pid := os.fork()) == 0:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (order["cpu_s"], order["cpu_s"] + 2))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        child()
        return {}
    done, status, used = 0, 0, 0.0
    while not done and time.monotonic() - began < order["wall_s"]:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        used = usage.ru_utime + usage.ru_stime
        if not done:
            time.sleep(LOOK_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)  # what the tests started, too
    if not done:
        os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status) if done else None
    return {"code": None if code in (-signal.SIGXCPU, -signal.SIGKILL) else code, "cpu_s": used}


class ForkForMutants:
    """A pytest plugin. Once the tests are collected, it forks for each mutant."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.is_child = False

    def pytest_runtestloop(self) -> bool | None:
        """Fork for each order. Return None in a child, so that its tests run."""
        self._channel.reply({"code": 0})
        for order in self._channel.orders():
            if order["do"] == "done":
                self._channel.reply({"code": 0})  # nothing of the next order was read then
                break
            outcome = forked(order, lambda order=order: self._mutate(order))  # type: ignore[misc]
            if self.is_child:
                return None
            self._channel.reply(outcome)
        os._exit(0)

    def _mutate(self, order: dict[str, Any]) -> None:
        self.is_child = True
        if order["source"]:
            replace_functions(order["file"], order["source"])


def replace_functions(file: str, source: str) -> None:
    """Give each function of this file that is there the code that it has in `source`."""
    gc.unfreeze()  # tests/conftest.py freezes what was collected, and the collector does not list that
    new = {(code.co_qualname, code.co_firstlineno): code for code in _codes(compile(source, file, "exec"))}
    for function in gc.get_objects():
        if type(function) is FunctionType and function.__code__.co_filename == file:
            code = new.get((function.__code__.co_qualname, function.__code__.co_firstlineno))
            if code is not None and len(code.co_freevars) == len(function.__code__.co_freevars):
                function.__code__ = code


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from _codes(one)


def _quietly(order: dict[str, Any]) -> None:
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)


def _fresh(order: dict[str, Any]) -> None:
    _quietly(order)
    os._exit(tests(order, []))


def _collect(order: dict[str, Any], channel: Channel) -> None:
    """Collect the tests in a process of its own, and wait until it has carried out its orders."""
    if (pid := os.fork()) == 0:
        _quietly(order)
        plugin = ForkForMutants(channel)
        code = tests(order, [plugin])
        if not plugin.is_child:
            channel.reply({"code": code})
        os._exit(code)
    os.waitpid(pid, 0)


def _main() -> None:
    for library in LIBRARIES:
        importlib.import_module(library)
    gc.freeze()
    channel = Channel()
    for order in channel.orders():
        if order["do"] == "collect":
            _collect(order, channel)
        elif order["do"] == "fresh":
            channel.reply(forked(order, lambda order=order: _fresh(order)))  # type: ignore[misc]


if __name__ == "__main__":
    _main()
