"""The product's sources as the tests of this folder read them: files, who imports what, and which part a file is of."""

from __future__ import annotations

import ast
import functools
import importlib
from pathlib import Path
from types import ModuleType

CHECKOUT = Path(__file__).parents[2]
PRODUCT = ("common", "workers", "cli", "captures", "simulator", "benchmarks", "integrations")
INSTALLED = "node_modules"
"""Folder of what npm installs below integrations/. It is not ours."""
WORKERS = frozenset(path.parent.name for path in CHECKOUT.glob("workers/*/__main__.py"))
"""Every worker: what has a folder of its own with a `__main__.py`."""
PARTS = WORKERS | {"cli"}
"""What meets on the bus."""


@functools.cache
def files() -> dict[str, Path]:
    """Return module name → file, for all of the product."""
    found = {}
    for folder in PRODUCT:
        for file in sorted(CHECKOUT.glob(f"{folder}/**/*.py")):
            if INSTALLED in file.parts:
                continue
            if not file.stem.isidentifier():
                continue  # a program to read and copy, which nothing imports
            name = ".".join(file.relative_to(CHECKOUT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = file
    return found


@functools.cache
def tree(module: str) -> ast.Module:
    return ast.parse(files()[module].read_text())


@functools.cache
def loaded(module: str) -> ModuleType:
    return importlib.import_module(module)


def part_of(module: str) -> str:
    """Return the worker that a module belongs to, else its folder."""
    first, *rest = module.split(".")
    return rest[0] if first == "workers" and rest else first


@functools.cache
def imports(module: str) -> frozenset[str]:
    """Return the product's modules that a module imports, those of types only and in functions too."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            below = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in files() else node.module for name in below}
    return frozenset(found & set(files()))


@functools.cache
def used_by(module: str) -> frozenset[str]:
    """Return the parts (`PARTS`) whose code a module is: its own, or those that import it by way of common/."""
    if part_of(module) != "common":
        return frozenset({part_of(module)} & PARTS)
    found: set[str] = set()
    waiting, seen = [module], {module}
    while waiting:
        target = waiting.pop()
        for other in files():
            if target in imports(other) and other not in seen:
                seen.add(other)
                if part_of(other) == "common":
                    waiting.append(other)
                elif part_of(other) in PARTS:
                    found.add(part_of(other))
    return frozenset(found)


@functools.cache
def calls(module: str) -> tuple[tuple[str, ast.Call], ...]:
    """Return (name of what is called, the call) for every call in a module; a class makes itself also by its `of`."""
    found = []
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            if name == "of" and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                name = node.func.value.id
            found.append((name, node))
    return tuple(found)
