"""Sony's JSON is read so that nothing of it raises and nothing odd gets through."""

from __future__ import annotations

from typing import Any

import pytest

from common.psn.shapes import as_dict, as_id, as_int, as_list, as_name, as_platform, as_seconds, as_text


def test_a_value_of_another_type_reads_as_empty() -> None:
    assert (as_dict([]), as_list({}), as_text(5)) == ({}, [], "")
    assert (as_dict({"a": 1}), as_list([1]), as_text("a")) == ({"a": 1}, [1], "a")


@pytest.mark.parametrize(
    ("value", "found"),
    [(0, "0"), (2**64 - 1, str(2**64 - 1)), (2**64, ""), (-1, ""), (True, ""), (" 7 ", "7"), (1.0, ""), (None, "")],
)
def test_an_account_id_is_a_number_of_64_bits_or_a_text(value: Any, found: str) -> None:
    assert as_id(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (2**63 - 1, 2**63 - 1), (2**63, 9), (-(2**63), -(2**63)), (-(2**63) - 1, 9), (True, 9), (" 12 ", 12), ("-1", 9),
        ("1" * 19, int("1" * 19)), ("1" * 20, 9), ("x", 9), (None, 9), (1.5, 9),
    ],
)  # fmt: skip
def test_a_number_is_what_the_bus_can_carry_or_the_default(value: Any, found: int) -> None:
    assert as_int(value, 9) == found


def test_what_is_no_number_is_0_by_default() -> None:
    assert as_int("x") == 0


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (1500, 1.5), ("1500", 1.5), (1500.0, 1.5), (0, 0.0), (0.0, 0.0), (-1, 0.0), (-0.5, 0.0), (10**15, 0.0),
        (10**15 - 1000, 1e12 - 1), (1e15, 0.0),
        (1e15 - 0.5, (1e15 - 0.5) / 1000), (float("nan"), 0.0), (0.5, 0.0005), (None, 0.0),
    ],
)  # fmt: skip
def test_a_moment_is_in_seconds_and_one_beyond_all_time_is_0(value: Any, found: float) -> None:
    assert as_seconds(value) == found


def test_a_moment_may_come_in_other_units() -> None:
    assert as_seconds(1500, per_s=1) == 1500
    assert as_seconds(3.0, per_s=2) == 1.5


def test_a_name_has_an_end_and_nothing_hidden() -> None:
    assert as_name("a\u202eb") == "ab"
    assert as_name("x" * 300) == "x" * 200
    assert as_name(None) == ""


def test_a_platform_is_a_text_or_the_first_of_a_list() -> None:
    assert as_platform("PS5") == "PS5"
    assert as_platform([1, "PS4", "PS5"]) == "PS4"
    assert as_platform([]) == as_platform(None) == ""
