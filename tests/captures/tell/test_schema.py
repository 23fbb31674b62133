"""Bodies of one kind as one schema: where a field is, of which types, how often, with examples."""

from __future__ import annotations

from typing import Any

from captures.tell.schema import EXAMPLES, MAX_DEPTH, FieldShape, merged


def test_a_field_that_is_not_in_every_body_is_optional() -> None:
    found = merged([{"a": 1, "b": 2}, {"a": 3}])
    assert list(found) == [".a", ".b"]
    assert (found[".a"].seen, found[".a"].of, found[".a"].optional) == (2, 2, False)
    assert (found[".b"].seen, found[".b"].of, found[".b"].optional) == (1, 2, True)


def test_fields_of_a_list_are_counted_by_its_objects() -> None:
    found = merged([{"members": [{"id": 1}, {"id": 2, "name": "x"}]}])
    assert list(found) == [".members", ".members[].id", ".members[].name"]
    assert (found[".members[].name"].seen, found[".members[].name"].of) == (1, 2)
    assert merged([[{"id": 1}]])["[].id"].of == 1


def test_types_are_named_as_json_names_them() -> None:
    values = [{"x": value} for value in ({}, [], "t", True, 1, 1.5, None)]
    assert merged(values)[".x"].types == {"object", "list", "text", "flag", "number", "null"}
    assert merged([{"x": b"?"}][:0]) == {}


def test_some_examples_are_kept_each_once_and_shortened() -> None:
    found = merged([{"x": value} for value in ("a", "a", "b", "c", "d")])[".x"]
    assert found.examples == ['"a"', '"b"', '"c"']
    assert EXAMPLES == 3
    whole, cut = "y" * 58, "y" * 59
    examples = merged([{"x": whole}, {"x": cut}])[".x"].examples
    assert examples == [f'"{whole}"', '"' + "y" * 47 + "… (61 characters)"]


def test_an_object_is_no_example_and_a_list_of_plain_values_is_one() -> None:
    found = merged([{"o": {"a": 1}, "l": [{"a": 1}, 5], "p": [1, 2], "n": None}])
    assert (found[".o"].examples, found[".l"].examples) == ([], [])
    assert (found[".p"].examples, found[".n"].examples) == (["[1, 2]"], ["null"])


def test_what_lies_too_deep_is_left_out() -> None:
    body: Any = {}
    for _ in range(MAX_DEPTH + 3):
        body = {"d": body}
    assert list(merged([body])) == [".d" * n for n in range(1, MAX_DEPTH + 2)]
    nested: Any = [[{"d": 1}]]
    for _ in range(MAX_DEPTH - 2):
        nested = [nested]
    assert list(merged([nested])) == ["[]" * MAX_DEPTH + ".d"]
    assert merged([[nested]]) == {}


def test_a_field_begins_with_nothing() -> None:
    assert (FieldShape().seen, FieldShape().of, FieldShape().optional) == (0, 0, False)


def test_an_example_is_shown_in_its_own_letters_and_twelve_levels_are_read() -> None:
    assert merged([{"x": "\u00e4"}])[".x"].examples == ['"\u00e4"']
    assert MAX_DEPTH == 12
