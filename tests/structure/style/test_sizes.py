"""How big a class and a file may be. What is bigger is two subjects, and is divided by subject."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from common.files.paths import CHECKOUT
from tests.structure.code import INSTALLED

PRODUCT = ("common", "workers", "cli", "captures", "simulator", "benchmarks", "integrations")
CLASS_LINES, CLASS_METHODS, FILE_LINES = 170, 15, 300
BIGGER: dict[str, str] = {}
"""File, or file and class, that may be bigger → why it is one subject all the same."""


def bigger() -> Iterator[str]:
    for folder in PRODUCT:
        for file in sorted((CHECKOUT / folder).rglob("*.py")):
            if INSTALLED in file.parts:
                continue
            text, name = file.read_text(encoding="utf-8"), file.relative_to(CHECKOUT).as_posix()
            if len(text.splitlines()) > FILE_LINES:
                yield name
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.ClassDef) and too_big(node):
                    yield f"{name}: {node.name}"


def too_big(node: ast.ClassDef) -> bool:
    methods = sum(isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) for one in node.body)
    return methods > CLASS_METHODS or (node.end_lineno or 0) - node.lineno + 1 > CLASS_LINES


def test_no_class_and_no_file_is_two_things() -> None:
    assert sorted(bigger()) == sorted(BIGGER)


@pytest.mark.parametrize(("methods", "lines", "big"), [(15, 0, False), (16, 0, True), (1, 167, False), (1, 170, True)])
def test_the_limits(methods: int, lines: int, big: bool) -> None:  # a row
    body = "".join(f"    def m{n}(self): ...\n" for n in range(methods)) + "    # .\n" * lines + "    x = 1\n"
    node = ast.parse(f"class Some:\n{body}").body[0]
    assert isinstance(node, ast.ClassDef)
    assert too_big(node) is big
