"""What the notes say and what the code does, collected from both."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote

from common.psn.party.push import event_name

CHECKOUT = Path(__file__).parents[2]
NOTES = CHECKOUT / "notes"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
HOSTS = ("account", "mobile", "web", "dms", "profile", "push")
_CALL = re.compile(rf"`({'|'.join(METHODS)}) (/[^\s`]*)`")
_DATA_TYPE = re.compile(r"`(psn:[\w:]+)`")
_FILE = re.compile(r"`((?:common|workers|simulator|cli|tests|notes|captures|scripts|benchmarks)/[\w./*-]*)`")
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def rows(note: str) -> list[list[str]]:
    """Return the cells of every table row of a note, heads and rules left out."""
    found = []
    lines = note.splitlines()
    for place, line in enumerate(lines):
        below = lines[place + 1] if place + 1 < len(lines) else ""
        if line.startswith("|") and not line.startswith("|-") and not below.startswith("|-"):
            found.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    return found


def calls_told(notes: dict[str, str]) -> dict[tuple[str, str, str], list[str]]:
    """Return (method, host, template) → the row's cells, for every row that tells of a call."""
    found = {}
    for note in notes.values():
        for cells in rows(note):
            if match := _CALL.fullmatch(cells[0]):
                found[match[1], cells[1], match[2]] = cells
    return found


def calls_mentioned(notes: dict[str, str]) -> set[tuple[str, str]]:
    """Return (method, template) of every call in backticks, in tables and out of them."""
    return {(match[0], match[1]) for note in notes.values() for match in _CALL.findall(note)}


def data_types_told(notes: dict[str, str]) -> dict[str, list[str]]:
    return {
        match[1]: cells for note in notes.values() for cells in rows(note) if (match := _DATA_TYPE.fullmatch(cells[0]))
    }


def data_types_mentioned(notes: dict[str, str]) -> set[str]:
    return {match for note in notes.values() for match in _DATA_TYPE.findall(note)}


def files_named(note: str) -> set[str]:
    """Return what a note names of the project, relative to the checkout: files in backticks and links."""
    return {*_FILE.findall(note), *(f"notes/{link}" for link in _LINK.findall(note))}


# --- the code ----------------------------------------------------------------------------------------


def calls_made() -> dict[tuple[str, str, str], set[str]]:
    """Return (method, host, path) → files, for every call in common/ and workers/ that can be read off the code.

    A call is a method and a path side by side among a call's arguments, perhaps with the host between them. Its ids
    are ``{name}`` of the path function's parameters.
    """
    found: dict[tuple[str, str, str], set[str]] = {}
    for file in [*CHECKOUT.glob("common/**/*.py"), *CHECKOUT.glob("workers/**/*.py")]:
        source = file.read_text()
        if not any(f'"{method}"' in source for method in METHODS):
            continue
        module = importlib.import_module(".".join(file.relative_to(CHECKOUT).with_suffix("").parts))
        for call in _calls(ast.parse(source), module):
            found.setdefault(call, set()).add(str(file.relative_to(CHECKOUT)))
    return found


def data_types_read(data_types: Iterable[str]) -> dict[str, set[str]]:
    """Return data type → files of workers/ that read it.

    A file that calls `event_name` reads an event whose name stands in it as a string, or as a constant of another
    module; and every event with a part, e.g. ``outside:``, that stands there alone.
    """
    found: dict[str, set[str]] = {data_type: set() for data_type in data_types}
    for file in CHECKOUT.glob("workers/**/*.py"):
        source = file.read_text()
        if "event_name(" not in source:
            continue
        module = importlib.import_module(".".join(file.relative_to(CHECKOUT).with_suffix("").parts))
        nodes = list(ast.walk(ast.parse(source)))
        written = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        named = [_object(node, module) for node in nodes if isinstance(node, ast.Name | ast.Attribute)]
        names = written | {value for value in named if isinstance(value, str)}
        parts = {word for word in written if re.fullmatch(r"\w+:", word)}
        for data_type, files in found.items():
            if event_name(data_type) in names or any(part in data_type for part in parts):
                files.add(str(file.relative_to(CHECKOUT)))
    return found


def _calls(tree: ast.Module, module: ModuleType) -> Iterator[tuple[str, str, str]]:
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            words = [_literal(argument) for argument in node.args] if isinstance(node, ast.Call) else []
            for place, word in enumerate(words[:-1]):
                if word in METHODS:
                    host = words[place + 1] if words[place + 1] in HOSTS else ""
                    rest = node.args[place + 2 if host else place + 1 :]
                    paths = _paths(rest[0], function, module) if rest else []
                    yield from ((word, host or "mobile", path.partition("?")[0]) for path in paths)


def _literal(node: ast.expr) -> Any:
    return node.value if isinstance(node, ast.Constant) else None


def _paths(node: ast.expr, function: ast.AST, module: ModuleType) -> list[str]:
    """Return what an expression may be as a path: constants, path functions, and names given such a value."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(_literal(part)) if isinstance(part, ast.Constant) else "{x}" for part in node.values)]
    if isinstance(node, ast.IfExp):
        return [*_paths(node.body, function, module), *_paths(node.orelse, function, module)]
    if isinstance(node, ast.Call):
        maker = _object(node.func, module)
        extra = [_literal(argument) for argument in node.args]
        return [_template(maker, extra)] if callable(maker) else []
    if isinstance(node, ast.Name):
        given = [
            path
            for other in ast.walk(function)
            if isinstance(other, ast.Assign) and any(isinstance(t, ast.Name) and t.id == node.id for t in other.targets)
            for path in _paths(other.value, function, module)
        ]
        if given:
            return given
    value = _object(node, module)
    return [value] if isinstance(value, str) else []


def _object(node: ast.expr, module: ModuleType) -> Any:
    if isinstance(node, ast.Name):
        return getattr(module, node.id, None)
    return getattr(_object(node.value, module), node.attr, None) if isinstance(node, ast.Attribute) else None


def _template(maker: Callable[..., Any], extra: list[Any]) -> str:
    """Return the path that `maker` makes of its parameters' names; literal arguments stay what they are."""
    if maker.__name__ == "authorize_url":
        return str(inspect.getmodule(maker).AUTHORIZE_PATH)
    given: list[Any] = []
    for place, parameter in enumerate(inspect.signature(maker).parameters.values()):
        literal = extra[place] if place < len(extra) else None
        if literal is None and parameter.default is not parameter.empty:
            break
        name = "{" + parameter.name + "}"
        given.append(literal if literal is not None else [name] if parameter.name.endswith("s") else name)
    return unquote(str(maker(*given)))
