"""What a worker imports when it starts, and so keeps in memory whether it is used or not."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from collections.abc import Iterator

import pytest

from common.files.paths import CHECKOUT
from tests.structure.code import WORKERS, files, tree

HEAVY_MB = {"av": 16, "numpy": 14, "aiohttp": 14, "httpx": 9, "cryptography": 8, "aiortc": 8}
"""Packages of 8 MB and more in each process, as measured on Linux."""
NEEDED: dict[str, set[str]] = {
    "audio": {"numpy", "av"},  # the equaliser's; to load it later would stall the mix for a moment
    "auth": {"httpx"},
    "dashboard": {"numpy", "aiohttp"},
    "gate": {"numpy", "av"},  # the codec of voices across a cable
    "link": {"numpy", "av"},
    "media": {"numpy", "av", "aiortc", "cryptography"},
    "output": {"numpy"},
    "recorder": {"numpy"},
    "session": {"httpx"},
    "signaling": {"httpx", "aiohttp"},
    "webrtc": {"numpy", "av", "aiortc"},
}
"""What each worker may import at its start. Anything else is imported where it is used."""


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield what runs when a module is imported, without what is for types only."""
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        if isinstance(node, ast.If | ast.Try | ast.With):
            for part in ("body", "orelse", "finalbody"):
                yield from statements(getattr(node, part, []))
        else:
            yield node


@functools.cache
def at_once(module: str) -> frozenset[str]:
    """Return what a module imports as it is imported itself."""
    found: set[str] = set()
    for node in statements(tree(module).body):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            below = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in files() else node.module for name in below}
    return frozenset(found)


def ways(worker: str) -> dict[str, list[str]]:
    """Return heavy package → the modules by which it comes into a worker."""
    begin = f"workers.{worker}.__main__"
    came_by: dict[str, str] = {begin: ""}
    waiting, found = [begin], {}
    while waiting:
        module = waiting.pop()
        above = [module.rpartition(".")[0]] if module.rpartition(".")[0] in files() else []
        for name in (*at_once(module), *above):
            package = name.partition(".")[0]
            if package in HEAVY_MB and package not in found:
                way = [module]
                while came_by[way[0]]:
                    way.insert(0, came_by[way[0]])
                found[package] = way
            if name in files() and name not in came_by:
                came_by[name] = module
                waiting.append(name)
    return found


@pytest.mark.parametrize("worker", sorted(WORKERS))
def test_a_worker_imports_nothing_heavy_that_it_may_never_use(worker: str) -> None:
    found = ways(worker)
    extra = {package: way for package, way in found.items() if package not in NEEDED.get(worker, set())}
    assert not extra, "\n".join(
        f"{package} ({HEAVY_MB[package]} MB) by {' > '.join(way)}" for package, way in extra.items()
    )
    assert NEEDED.get(worker, set()) == set(found), "NEEDED names more than is imported"


def test_no_worker_loads_what_its_packages_use_only_where_it_is_installed() -> None:
    """httpx, structlog and engineio do so with these: 5 to 9 MB and 0.1 s in a process."""
    modules = sorted(name for name in files() if name.startswith("workers."))
    code = f"import sys, importlib\nfor name in {modules}: importlib.import_module(name)\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if "." not in name}
    assert loaded >= {"httpx", "structlog", "socketio"}
    assert not loaded & {"rich", "pygments", "click", "requests", "urllib3"}
