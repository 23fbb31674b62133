"""Packages that the product imports are declared in pyproject.toml and pinned in constraints.txt."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib

from tests.structure.code import CHECKOUT, PRODUCT, files, tree

THEIRS = {"mitmproxy", "gate", "records"}
"""Runs in an environment of its own (captures/mitmdump/pins.txt)."""
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", name)[0]).lower()


def imported(module: str) -> set[str]:
    """Return the packages from outside that a module imports."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {*PRODUCT, *THEIRS, "tests"}


def with_their_own(declared: list[str]) -> set[str]:
    """Return packages and what they need themselves: aiortc brings aioice, into which we reach."""
    found = {plain(name) for name in declared}
    return found | {
        plain(name) for one in found for name in importlib.metadata.requires(one) or () if "extra" not in name
    }


OF_THE_SYSTEM = {"benchmarks.stacks.consoles.gstreamer": {"gi"}}
"""What the system's own Python runs, and its package manager brings."""


def test_what_is_imported_is_declared_and_pinned() -> None:
    extra = PROJECT["optional-dependencies"]
    needed = with_their_own(PROJECT["dependencies"])
    bench = needed | {plain(name) for name in [*extra["bench"], *extra["dev"]]}
    pinned = {plain(line) for line in (CHECKOUT / "constraints.txt").read_text().splitlines() if "==" in line}
    of = importlib.metadata.packages_distributions()
    for module in files():
        for package in imported(module) - OF_THE_SYSTEM.get(module, set()):
            names = {plain(name) for name in of.get(package, [package])}
            declared = bench if module.startswith("benchmarks") else needed
            assert names & declared, f"{module} imports {package}, which pyproject.toml does not declare"
            assert names & pinned, f"{module} imports {package}, which constraints.txt does not pin"


def test_our_own_version_is_asked_for_in_one_place() -> None:
    """The distribution is not called like the command, so that its name stands once."""
    names = {f'"{PROJECT["name"]}"', '"partyline"'}
    asking = {
        module
        for module in files()
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in {"version", "distribution", "requires"}
        and names & {ast.unparse(argument).replace("'", '"') for argument in node.args}
    }
    assert asking == set()
