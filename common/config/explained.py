"""What each setting means: the docstrings of `common.config.tables`, read from its source."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from typing import TypeGuard

from common.config import tables
from common.config.tables import Settings


@cache
def explanations() -> dict[tuple[str, str], str]:
    """Return (table, key) → the explanation, on one line."""
    classes = {type(getattr(Settings(), name)).__name__: name for name in Settings.__struct_fields__}
    found: dict[tuple[str, str], str] = {}
    for node in ast.parse(inspect.getsource(tables)).body:
        if isinstance(node, ast.ClassDef) and node.name in classes:
            for line, after in zip(node.body, node.body[1:], strict=False):
                if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and _is_text(after):
                    found[classes[node.name], line.target.id] = " ".join(ast.literal_eval(after.value).split())
    return found


def _is_text(node: ast.stmt) -> TypeGuard[ast.Expr]:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
