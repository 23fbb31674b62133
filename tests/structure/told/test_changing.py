"""notes/changing.md names files and tests that exist."""

from __future__ import annotations

import ast
import re

from tests.structure.code import CHECKOUT

TEXT = (CHECKOUT / "notes" / "changing.md").read_text()


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)
    assert len(named) > 40
    for file, test in named:
        functions = {getattr(node, "name", "") for node in ast.parse((CHECKOUT / file).read_text()).body}
        assert test in functions, f"{file} has no {test}"


def test_every_kind_of_change_names_a_check_for_its_first_steps() -> None:
    for section in TEXT.split("\n## ")[1:]:
        title, _, steps = section.partition("\n")
        assert "→" in steps, title
        assert re.search(r"^1\. ", steps, re.MULTILINE), title
