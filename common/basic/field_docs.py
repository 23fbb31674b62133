"""What the fields of a class mean: the docstrings below them, read from its source."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping
from typing import TypeGuard


def field_docs(cls: type) -> Mapping[str, str]:
    """Return field → its docstring on one line. Fields without one, and those of base classes, are left out."""
    (made,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(made, ast.ClassDef)
    found: dict[str, str] = {}
    for line, after in zip(made.body, made.body[1:], strict=False):
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and _is_text(after):
            found[line.target.id] = " ".join(str(ast.literal_eval(after.value)).split())
    return found


def _is_text(node: ast.stmt) -> TypeGuard[ast.Expr]:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
