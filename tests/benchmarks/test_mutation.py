"""A mutant within a function is put in place without importing anything again, and the table adds up."""

from __future__ import annotations

import gc
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.mutation.deciding import mirror_of, unit_tests_of
from benchmarks.mutation.report import Row, Survivor, table, told
from benchmarks.mutation.warm import replace_functions

SOURCE = """
from functools import cache

LIMIT = 5

def plain(x):
    return x < LIMIT

@cache
def cached(x):
    return x < LIMIT

class Thing:
    def __init__(self):
        self.inner = [n for n in range(3) if n < LIMIT]

    @property
    def small(self):
        return len(self.inner) < LIMIT

    @classmethod
    def of(cls):
        def made(x):
            return x < LIMIT
        return made
"""


@pytest.fixture
def module(tmp_path: Path) -> ModuleType:
    file = tmp_path / "mutated_for_a_test.py"
    file.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_functions_of_every_kind_get_the_mutants_code(module: ModuleType) -> None:
    thing = module.Thing()
    assert (module.plain(5), thing.small, module.Thing.of()(5)) == (False, True, False)
    replace_functions(str(module.__file__), SOURCE.replace("< LIMIT", "> LIMIT").replace("x > LIMIT", "x >= LIMIT"))
    assert (module.plain(5), module.cached(5), thing.small, module.Thing.of()(5)) == (True, True, False, True)
    assert module.Thing().inner == []


def test_a_function_that_the_collector_leaves_alone_gets_it_too(module: ModuleType) -> None:
    """`tests/conftest.py` freezes what was collected."""
    gc.freeze()
    replace_functions(str(module.__file__), SOURCE.replace("< LIMIT", "> LIMIT"))
    assert module.plain(6) is True


def test_functions_of_other_files_stay(module: ModuleType) -> None:
    replace_functions(str(Path(sys.prefix) / "another.py"), SOURCE.replace("<", ">="))
    assert module.plain(5) is False


def test_a_module_is_judged_by_the_file_that_is_named_after_it() -> None:
    assert mirror_of("common.basic.bucket") == "tests/common/basic/test_bucket.py"
    assert unit_tests_of("common.basic.bucket") == ["tests/common/basic/test_bucket.py"]
    assert unit_tests_of("common.nowhere") == []


def test_the_table_has_a_row_for_each_module_and_their_sum() -> None:
    survivors = [Survivor("common.basic.bucket", n, "NumberReplacer", "x = 1", "x = 2", n > 3) for n in (3, 5)]
    rows = [
        Row(module="common.basic.bucket", all=9, tried=6, killed=3, timed_out=1, survivors=survivors, took_s=1.0),
        Row(module="common.basic.text", all=4, tried=4, killed=4, timed_out=0, survivors=[], took_s=1.0),
    ]
    assert table(rows).splitlines()[2:] == [
        "| common.basic.bucket | 9 | 6 | 3 | 1 | 2 | 1 |",
        "| common.basic.text | 4 | 4 | 4 | 0 | 0 | 0 |",
        "| in all | 13 | 10 | 7 | 1 | 2 | 1 |",
    ]
    assert told(survivors[0]) == "common/basic/bucket.py:3 NumberReplacer\n    - x = 1\n    + x = 2"
