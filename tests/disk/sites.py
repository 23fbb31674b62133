"""Where our code reads and writes files, found in its syntax: ``file:function`` → the operations there.

``python -m tests.disk.sites`` prints them.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from common.files.paths import CHECKOUT

FOLDERS = ("common", "workers")
_OS = {"open": "w", "write": "w", "pwrite": "w", "fsync": "w", "ftruncate": "w", "replace": "w", "rename": "w",
       "link": "w", "unlink": "w", "mkdir": "w", "makedirs": "w", "pread": "r", "read": "r"}  # fmt: skip
_METHODS = {"read_bytes": "r", "read_text": "r", "write_bytes": "w", "write_text": "w", "mkdir": "w", "unlink": "w",
            "rename": "w", "touch": "w", "symlink_to": "w", "chmod": "w", "rmtree": "w"}  # fmt: skip
_FUNCTIONS = {"write_atomically": "w", "mkstemp": "w", "open": "w"}


def sites(kind: str) -> dict[str, set[str]]:
    """Return the places of `kind` (``r`` reads, ``w`` writes), each with what it calls."""
    found: dict[str, set[str]] = defaultdict(set)
    for folder in FOLDERS:
        for file in sorted((CHECKOUT / folder).rglob("*.py")):
            for function, call in _calls(ast.parse(file.read_text("utf-8"))):
                if operation := _operation(call, kind):
                    found[f"{file.relative_to(CHECKOUT)}:{function}"].add(operation)
    return dict(found)


def _calls(tree: ast.AST, function: str = "") -> Iterator[tuple[str, ast.Call]]:
    for node in ast.iter_child_nodes(tree):
        inner = node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else function
        if isinstance(node, ast.Call):
            yield function, node
        yield from _calls(node, inner)


def _operation(call: ast.Call, kind: str) -> str:
    what = call.func
    if isinstance(what, ast.Name):
        return what.id if _FUNCTIONS.get(what.id) == kind else ""
    if not isinstance(what, ast.Attribute):
        return ""
    owner = what.value.id if isinstance(what.value, ast.Name) else ""
    if owner == "os":
        return f"os.{what.attr}" if _OS.get(what.attr) == kind else ""
    if what.attr == "open" and owner not in {"av", "webbrowser"} and call.args:
        return _opened(call, kind)
    if what.attr == "replace" and len(call.args) == 1 and not call.keywords and kind == "w":
        return "replace"
    return what.attr if _METHODS.get(what.attr) == kind else ""


def _opened(call: ast.Call, kind: str) -> str:
    mode = call.args[0].value if isinstance(call.args[0], ast.Constant) else ""
    if not isinstance(mode, str):
        return ""
    return f"open {mode}" if ("w" if set(mode) & set("wax+") else "r") == kind else ""


if __name__ == "__main__":
    for kind in "rw":
        for place, operations in sites(kind).items():
            print(kind, place, ", ".join(sorted(operations)))  # noqa: T201
