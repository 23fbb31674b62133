"""The mutants of one module, made by cosmic-ray's operators.

Only operators whose mutants a reader would call a fault are used. A comparison gets its neighbour (`<` → `<=`), not all
six others.
"""

from __future__ import annotations

import ast
import difflib
import random
from collections.abc import Iterator
from dataclasses import dataclass

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator

_COMPARISONS = ("Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt", "Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is")
_BINARY = (
    "Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_Mul", "Pow_Mul", "BitAnd_BitOr", "BitOr_BitAnd",
    "BitXor_BitAnd", "LShift_RShift", "RShift_LShift",
)  # fmt: skip
_UNARY = ("Delete_USub", "Delete_Not", "Delete_Invert")
_OTHERS = (
    "AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ExceptionReplacer", "NumberReplacer",
    "ZeroIterationForLoop",
)  # fmt: skip
OPERATORS = (
    *(f"core/ReplaceComparisonOperator_{name}" for name in _COMPARISONS),
    *(f"core/ReplaceBinaryOperator_{name}" for name in _BINARY),
    *(f"core/ReplaceUnaryOperator_{name}" for name in _UNARY),
    *(f"core/{name}" for name in _OTHERS),
)


_Place = tuple[int, int]
"""Row and column."""


@dataclass(frozen=True)
class Mutant:
    """One change of a module. `before` and `after`: the changed lines without indentation, joined by a space."""

    module: str
    row: int
    operator: str
    before: str
    after: str
    source: str
    """The whole mutated module."""
    outside: bool
    """Whether it lies outside of the functions' bodies: a constant, a default, a class attribute."""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.module, self.before, self.after


def mutants(module: str, source: str) -> list[Mutant]:
    """Return every mutant of a module, by line. What types say (`|`, `frozen=True`) and a bare `*` are left alone."""
    spared = list(_spared(source))
    bodies = list(_bodies(source))
    heads = list(_heads(source))
    found: dict[str, Mutant] = {}
    for name in OPERATORS:
        operator = get_operator(name)()
        positions = [start for node in ast_nodes(get_ast(source)) for start, _ in operator.mutation_positions(node)]
        for occurrence, start in enumerate(positions):
            if "BinaryOperator" in name and any(first <= start < last for first, last in heads):
                continue  # a bare `*`
            if any(first <= start < last for first, last in spared):
                continue
            mutated = _mutated(source, operator, occurrence)
            if mutated is None or mutated == source or not _compiles(mutated):
                continue
            at, before, after = _changed(source, mutated)
            outside = not any(first <= start < last for first, last in bodies)
            made = Mutant(module, at, name.partition("/")[2], before, after, mutated, outside)
            found.setdefault(mutated, made)
    return sorted(found.values(), key=lambda mutant: (mutant.row, mutant.operator, mutant.after))


def sample(of: list[Mutant], most: int, seed: int) -> list[Mutant]:
    """Return at most `most` mutants, the same ones for the same seed. `most` 0: all."""
    if not most or len(of) <= most:
        return of
    drawn = random.Random(f"{seed}:{of[0].module}").sample(of, most)
    return sorted(drawn, key=lambda mutant: (mutant.row, mutant.operator, mutant.after))


def _mutated(source: str, operator: Operator, occurrence: int) -> str | None:
    try:
        found: str | None = mutate_code(source, operator, occurrence)
    except AttributeError:
        return None  # cosmic-ray 8.7 cannot replace a dotted name after `except`
    return found


def _spared(source: str) -> Iterator[tuple[_Place, _Place]]:
    for node in ast.walk(ast.parse(source)):
        parts: list[ast.expr | None] = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        if isinstance(node, ast.keyword) and node.arg == "strict":
            parts.append(node.value)  # `zip` of two that are equally long by construction
        if isinstance(node, ast.ClassDef):
            parts += [*(keyword.value for keyword in node.keywords), *node.decorator_list]
        for part in parts:
            if isinstance(part, ast.expr):
                yield (part.lineno, part.col_offset), (part.end_lineno or 0, part.end_col_offset or 0)


def _bodies(source: str) -> Iterator[tuple[_Place, _Place]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first, last = node.body[0], node.body[-1]
            yield (first.lineno, first.col_offset), (last.end_lineno or 0, (last.end_col_offset or 0) + 1)


def _heads(source: str) -> Iterator[tuple[_Place, _Place]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.lineno, node.col_offset), (node.body[0].lineno, node.body[0].col_offset)


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def _changed(source: str, mutated: str) -> tuple[int, str, str]:
    """Return the first changed row, and the changed lines of both."""
    old, new = source.splitlines(), mutated.splitlines()
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    changed = [block for block in blocks if block[0] != "equal"]
    first, last = changed[0], changed[-1]
    return first[1] + 1, _joined(old[first[1] : last[2]]), _joined(new[first[3] : last[4]])


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)
