"""What a file costs is counted with its processes, and long files are known."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from common.files.paths import CHECKOUT
from tests.support.suite import order
from tests.support.suite.costs import OUTPUT, Costs, unknown, used_s

BUSY = "import time; end = time.process_time() + 0.2\nwhile time.process_time() < end: pass"


def test_what_a_child_uses_is_counted_when_it_has_ended() -> None:
    before = used_s()
    subprocess.run([sys.executable, "-c", BUSY], check=True)
    assert used_s() - before >= 0.2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of children that run")
def test_what_a_child_uses_is_counted_while_it_runs() -> None:
    before = used_s()
    with subprocess.Popen(
        [sys.executable, "-c", f"{BUSY}\nprint(flush=True)\ninput()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert used_s() - before >= 0.2
        child.communicate(b"\n")


def run(costs: Costs, *tests: str) -> None:
    """Let each of `tests` burn a little."""
    items: list[Any] = [SimpleNamespace(nodeid=test, path=Path(test.partition("::")[0])) for test in tests]
    for item, following in zip(items, [*items[1:], None], strict=True):
        protocol = costs.pytest_runtest_protocol(item, following)
        next(protocol)
        end = os.times().user + 0.05
        while os.times().user < end:
            pass
        with pytest.raises(StopIteration):
            protocol.send(None)


def test_a_file_has_the_sum_of_its_tests_and_the_main_process_has_everybodys() -> None:
    worker: Any = SimpleNamespace(workeroutput={})
    costs = Costs(worker)
    run(costs, "a.py::one", "a.py::two", "b.py::three")
    costs.pytest_sessionfinish()
    found = worker.workeroutput[OUTPUT]
    assert {file: cost[2] for file, cost in found.items()} == {"a.py": 2, "b.py": 1}
    assert found["a.py"][1] > found["b.py"][1] > 0
    main = Costs(SimpleNamespace())  # type: ignore[arg-type]
    main.pytest_testnodedown(worker, None)
    assert main._found == found


def test_a_long_file_that_nobody_knows_is_named() -> None:
    known = order.LONG["minutes"][0]
    costs = {known: (100.0, 1.0, 1), "tests/new.py": (100.0, 1.0, 1), "tests/short.py": (1.0, 1.0, 1)}
    assert unknown(costs, CHECKOUT) == ["tests/new.py"]


def test_the_longest_are_begun_first_and_the_others_stay_as_they_were() -> None:
    minutes, minute = order.LONG["minutes"][0], order.LONG["a minute"][0]
    items: Any = [SimpleNamespace(path=CHECKOUT / file) for file in ("tests/b.py", minute, "tests/a.py", minutes)]
    found = [str(item.path.relative_to(CHECKOUT)) for item in order.longest_first(items)]
    assert found == [minutes, minute, "tests/b.py", "tests/a.py"]


def test_every_long_file_exists() -> None:
    listed = [file for files in order.LONG.values() for file in files]
    assert [file for file in listed if not (CHECKOUT / file).is_file()] == []
    assert len(listed) == len(set(listed))
