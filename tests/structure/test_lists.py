"""Lists of workers name all of them, or say here why they do not."""

from __future__ import annotations

import ast
import functools

from common.config.realm import READERS
from tests.structure.code import CHECKOUT, INSTALLED, WORKERS, files, part_of, tree, used_by

MOST = 4
"""A list that names so many workers is a list of workers."""
SOME = {
    "common/config/realm.py": "those that behave differently in another realm",
    "cli/capture/replay_client.py": "those that call PlayStation, and media: a capture is compared without sound",
    "cli/probe/rehearsal.py": "those that call PlayStation, and media: a rehearsal makes no sound",
    "benchmarks/chaos/kinds.py": "all but gate, link and webrtc, which run only where other machines may come",
    "benchmarks/machines/parts/two_homes.py": "those of one side of a split",
    "common/basic/division.py": "those that stay together, and the programs that may be moved",
    "tests/disk/test_disk.py": "all but gate, link and webrtc, which run only where other machines may come",
    "benchmarks/whole/day.py": "those without sound: what plays sound cannot be hurried",
    "benchmarks/whole/sleep.py": "those that make the sound that it listens to",
    "benchmarks/whole/restarts.py": "those whose end must not be heard",
    "tests/scenarios/stage.py": "those that make the sound that it listens to, the broker apart",
    "tests/workers/dashboard/stage.py": "those that the dashboard is shown, made up",
}
"""Files with a list of some workers only, and which."""


@functools.cache
def lists() -> dict[str, list[set[str]]]:
    """Return file → its lists of workers, for the product and for what is called ``WORKERS`` in the tests."""
    found: dict[str, list[set[str]]] = {}
    for folder in ("common", "workers", "cli", "captures", "simulator", "benchmarks", "integrations", "tests"):
        for file in CHECKOUT.glob(f"{folder}/**/*.py"):
            if INSTALLED in file.parts:
                continue
            source = file.read_text()
            if sum(f'"{name}"' in source for name in WORKERS) < MOST:
                continue
            nodes = ast.walk(ast.parse(source))
            if folder == "tests":
                nodes = (node.value for node in nodes if isinstance(node, ast.Assign) and is_workers(node.targets[0]))
            for node in nodes:
                named = {item.value for item in getattr(node, "elts", ()) if isinstance(item, ast.Constant)} & WORKERS
                if len(named) >= MOST:
                    found.setdefault(str(file.relative_to(CHECKOUT)), []).append(named)
    return found


def is_workers(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "WORKERS"


def test_a_list_of_workers_has_every_worker_or_is_said_to_have_some_only() -> None:
    for file, found in lists().items():
        if file not in SOME:
            assert [sorted(WORKERS - named) for named in found if named != WORKERS] == [], file


def test_those_with_some_only_are_there() -> None:
    partial = {file for file, found in lists().items() if any(named != WORKERS for named in found)}
    assert partial == set(SOME)


SERVERS = {
    "common.psn.http.endpoints": "which servers are called",
    "common.run.process": "what the log says at the start",
}
"""Modules whose look at the realm makes no worker another one."""


def test_whoever_reads_the_realm_is_one_of_its_readers() -> None:
    read_by: set[str] = set()
    for module in files():
        if part_of(module) in {*WORKERS, "common"} and module not in SERVERS:
            names = (ast.unparse(node) for node in ast.walk(tree(module)) if isinstance(node, ast.Attribute))
            if any(name.endswith("psn.realm") for name in names):
                read_by |= used_by(module) & WORKERS
    assert read_by == set(READERS) & WORKERS
