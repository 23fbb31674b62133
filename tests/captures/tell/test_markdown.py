"""Tables of Markdown that no cell's content can break."""

from __future__ import annotations

import pytest

from captures.tell.markdown import cell, code, fields_table, table
from captures.tell.schema import FieldShape


@pytest.mark.parametrize(
    ("text", "escaped"), [("a|b", "a\\|b"), ("a\nb\x00c", "a b c"), ("<b>", "&lt;b>"), ("a\\b", "a\\\\b"), (5, "5")]
)
def test_a_cell_is_escaped(text: object, escaped: str) -> None:
    assert cell(text) == escaped


@pytest.mark.parametrize(
    ("text", "escaped"),
    [("a|b", "`a\\|b`"), ("a`b", "`a'b`"), ("<b>", "`<b>`"), ("a\\b", "`a\\b`"), ("", ""), (" \n", "")],
)
def test_code_is_escaped_as_code_is(text: object, escaped: str) -> None:
    assert code(text) == escaped


def test_a_table_has_a_head_a_rule_and_rows() -> None:
    assert table(["a", "b"], [[1, "x"], [2, "y"]]) == ["| a | b |", "| --- | --- |", "| 1 | x |", "| 2 | y |", ""]
    assert table(["a"], []) == ["Nothing in this capture.", ""]


def test_fields_say_how_often_they_are_there() -> None:
    fields = {
        ".a": FieldShape(seen=1, of=2, types={"text", "null"}, examples=['"x"', "null"]),
        ".b[].c": FieldShape(seen=2, of=2, types={"number"}),
    }
    assert fields_table(fields)[2:] == [
        '| `a` | null, text | 1 of 2 | `"x"`, `null` |',
        "| `b[].c` | number | always |  |",
        "",
    ]
