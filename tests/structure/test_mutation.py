"""What is mutated, by which tests it is judged, and which mutants are explained: all of it is there."""

from __future__ import annotations

import pytest

from benchmarks.mutation.deciding import DECIDING, MORE, file_of, unit_tests_of
from benchmarks.mutation.explained import Explained, explained
from tests.structure.code import CHECKOUT


def test_every_deciding_module_has_tests() -> None:
    assert [module for module in DECIDING if not (CHECKOUT / file_of(module)).exists()] == []
    assert [module for module in DECIDING if not unit_tests_of(module)] == []
    assert len(set(DECIDING)) == len(DECIDING)


def test_the_tests_that_are_named_for_a_module_exist() -> None:
    assert set(MORE) <= set(DECIDING)
    for test in {test for tests in MORE.values() for test in tests}:
        file, _, name = test.partition("::")
        assert (CHECKOUT / file).exists(), test
        assert f"def {name}" in (CHECKOUT / file).read_text(), test


@pytest.mark.parametrize("one", explained(), ids=lambda one: f"{one.module}: {one.mutant}")
def test_an_explained_mutant_is_of_a_line_that_stands(one: Explained) -> None:
    assert one.module in DECIDING
    assert one.line != one.mutant
    assert len(one.why.split()) >= 4
    lines = [line.strip() for line in (CHECKOUT / file_of(one.module)).read_text().splitlines()]
    assert one.line in lines or one.line in " ".join(lines)


def test_no_mutant_is_explained_twice() -> None:
    keys = [one.key for one in explained()]
    assert len(set(keys)) == len(keys)
