"""Figures of one file and of all files together: lines, functions, classes, comments, imports. No I/O."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
NESTING = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
OWN_NAMES = ("self", "cls")


@dataclass(frozen=True)
class Function:
    lines: int
    arguments: int
    nesting: int
    public: bool
    explained: bool
    typed: bool


@dataclass(frozen=True)
class Class:
    lines: int
    methods: int
    attributes: int


@dataclass
class Module:
    """The counts of one file."""

    name: str
    """Dotted."""
    lines: int
    comments: int = 0
    functions: list[Function] = field(default_factory=list)
    classes: list[Class] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)
    """Dotted names as written, with relative ones resolved."""
    public_names: int = 0
    foreign: int = 0
    """Attributes with a leading underscore on an object other than `self` or `cls`."""
    sentences: list[str] = field(default_factory=list)
    """Sentences of docstrings and comments."""


def read(name: str, source: str, *, package: bool) -> Module:
    """Return the figures of one file. `package` marks an ``__init__.py``. Raises `SyntaxError`."""
    tree = ast.parse(source)
    found = Module(name, source.count("\n"))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and not token.string.startswith(("# noqa", "# type:", "# fmt:", "#!")):
            found.comments += 1
            found.sentences.append(token.string.lstrip("# "))
    for node in ast.walk(tree):
        _count(node, found)
        found.imports |= set(_imported(node, name, package=package))
    for statement in tree.body:
        found.public_names += _public(statement)
    return found


def _count(node: ast.AST, found: Module) -> None:
    if isinstance(node, FUNCTIONS):
        found.functions.append(_function(node))
    elif isinstance(node, ast.ClassDef):
        found.classes.append(_class(node))
    elif isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
        found.foreign += not (isinstance(node.value, ast.Name) and node.value.id in OWN_NAMES)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        found.sentences += _sentences(node.value.value)


def _sentences(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        plain = " ".join(paragraph.split())
        yield from (sentence for sentence in plain.replace("? ", ". ").split(". ") if sentence)


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Function:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return Function(
        lines=(node.end_lineno or node.lineno) - node.lineno + 1,
        arguments=sum(one.arg not in OWN_NAMES for one in arguments),
        nesting=_depth(node.body),
        public=not node.name.startswith("_"),
        explained=ast.get_docstring(node) is not None,
        typed=node.returns is not None,
    )


def _depth(body: Iterable[ast.stmt], depth: int = 0) -> int:
    deepest = depth
    for statement in body:
        inner = depth + isinstance(statement, NESTING)
        for name in ("body", "orelse", "finalbody"):
            deepest = max(deepest, _depth(getattr(statement, name, []), inner))
        for part in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
            deepest = max(deepest, _depth(part.body, inner))
        deepest = max(deepest, inner)
    return deepest


def _class(node: ast.ClassDef) -> Class:
    own = {
        target.attr
        for part in ast.walk(node)
        for target in _targets(part)
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self"
    }
    return Class(
        lines=(node.end_lineno or node.lineno) - node.lineno + 1,
        methods=sum(isinstance(one, FUNCTIONS) for one in node.body),
        attributes=len(own),
    )


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return [part for one in node.targets for part in (one.elts if isinstance(one, ast.Tuple) else [one])]
    return [node.target] if isinstance(node, ast.AnnAssign | ast.AugAssign) else []


def _imported(node: ast.AST, name: str, *, package: bool) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parts = name.split(".")
        base = parts[: len(parts) - node.level + package] if node.level else []
        start = ".".join([*base, *([node.module] if node.module else [])])
        yield from (f"{start}.{alias.name}" for alias in node.names)


def _public(statement: ast.stmt) -> int:
    if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
        return not statement.name.startswith("_")
    return sum(isinstance(one, ast.Name) and not one.id.startswith("_") for one in _targets(statement))


def arrows(modules: Mapping[str, Module]) -> dict[str, set[str]]:
    """Return importer → imported among `modules` (by dotted name). A name in a module counts as the module."""
    found: dict[str, set[str]] = {}
    for name, module in modules.items():
        found[name] = {
            known
            for wanted in module.imports
            for known in (wanted, wanted.rpartition(".")[0])
            if known in modules and known != name
        }
    return found


def circles(graph: Mapping[str, set[str]]) -> list[set[str]]:
    """Return the groups of modules that import each other (Tarjan's strongly connected components)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(one: str) -> None:
        number[one] = low[one] = len(number)
        stack.append(one)
        for other in sorted(graph[one]):
            if other not in number:
                visit(other)
                low[one] = min(low[one], low[other])
            elif other in stack:
                low[one] = min(low[one], number[other])
        if low[one] == number[one]:
            place = stack.index(one)
            group, stack[place:] = set(stack[place:]), []
            if len(group) > 1:
                found.append(group)

    for one in sorted(graph):
        if one not in number:
            visit(one)
    return found
