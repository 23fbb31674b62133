"""Tests wait with the helpers of tests/support/waiting.py: a loop that sleeps and asks again stands nowhere else."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

from common.files.paths import CHECKOUT

PACED = {
    "tests/chromium/console.py": "a console that does its work 20 times a second",
    "tests/cli/fakeworker.py": "workers that publish at a pace",
    "tests/common/bus/test_control.py": "sends rubbish at a pace",
    "tests/workers/audio/heard/test_worker.py": "sends rubbish at a pace",
    "tests/workers/audio/rig.py": "frames at the pace of media",
    "tests/workers/media/guard/attacked/test_connected.py": "strangers who send at a pace",
    "tests/workers/session/realm.py": "pings at the pace of an app",
}
"""Files with a loop that sleeps because it paces something, and waits for nothing."""
HELPERS = Path("tests/support")


def sleeping_loops(source: str) -> list[int]:
    """Return the lines of `while` loops that sleep."""
    if "sleep(" not in source or "while " not in source:
        return []
    loops = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.While))
    return [loop.lineno for loop in loops if any(_sleeps(node) for part in loop.body for node in ast.walk(part))]


def _sleeps(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) in ("asyncio.sleep", "time.sleep", "sleep")


@functools.cache
def found() -> dict[str, list[int]]:
    files = [file.relative_to(CHECKOUT) for file in sorted((CHECKOUT / "tests").rglob("*.py"))]
    loops = {
        str(file): sleeping_loops((CHECKOUT / file).read_text("utf-8")) for file in files if HELPERS not in file.parents
    }
    return {file: lines for file, lines in loops.items() if lines}


def test_nobody_but_the_helper_sleeps_and_asks_again() -> None:
    private = {file: lines for file, lines in found().items() if file not in PACED}
    assert not private, f"wait with `until` or `eventually` of tests.support.waiting: {private}"


def test_every_file_that_may_has_such_a_loop() -> None:
    assert set(PACED) <= set(found())


def test_such_a_loop_is_found() -> None:
    private = "async def until(true):\n    while not true():\n        await asyncio.sleep(0.1)\n"
    assert sleeping_loops(private) == [2]
