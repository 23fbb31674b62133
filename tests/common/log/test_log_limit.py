"""Nobody can flood the log: of one place a few records, then one in ten seconds that says how many were left out."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

import pytest

from common.log.limit import ALL_AT_ONCE, EVERY_S, LONGEST, OURS_AT_ONCE, PLACES, THEIRS_AT_ONCE, Limit, cut


def record(
    line: int = 1, *, name: str = "aioice", message: object = "x", error: BaseException | None = None
) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord(name, logging.ERROR, "some.py", line, message, None, info)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_of_one_place_a_few_then_one_in_ten_seconds_with_the_count() -> None:
    clock = Clock()
    limit = Limit(clock)
    assert sum(limit.filter(record()) for _ in range(1000)) == THEIRS_AT_ONCE
    clock.now = EVERY_S
    last = record()
    assert limit.filter(last)
    assert last.left_out == 1000 - THEIRS_AT_ONCE
    assert not limit.filter(record())


def test_another_place_is_not_held_back() -> None:
    limit = Limit(Clock())
    for _ in range(100):
        limit.filter(record(1))
    assert limit.filter(record(2))


def test_our_own_records_are_told_apart_by_what_they_are_about() -> None:
    limit = Limit(Clock())
    first = [limit.filter(record(name="media", message={"event": "problem", "code": "a"})) for _ in range(200)]
    assert sum(first) == OURS_AT_ONCE
    other = record(name="media", message={"event": "problem", "code": "b"})
    assert limit.filter(other)


def test_exceptions_of_one_logging_place_are_told_apart_by_where_they_arose() -> None:
    def fails(number: int) -> BaseException:
        try:
            if number:
                raise ValueError(number)
            raise KeyError(number)
        except (KeyError, ValueError) as error:
            return error

    limit = Limit(Clock())
    for number in range(1, 50):
        limit.filter(record(error=fails(number)))
    assert not limit.filter(record(error=fails(1)))
    assert limit.filter(record(error=fails(0)))


def test_all_of_them_together_are_bounded() -> None:
    clock = Clock()
    limit = Limit(clock)
    passed = sum(limit.filter(record(n, name="media", message={"event": f"{n}"})) for n in range(5000))
    assert passed == ALL_AT_ONCE
    assert len(limit._places) <= PLACES


def test_a_long_text_is_cut_in_its_middle() -> None:
    found = cut(None, "", {"exception": "a" * 5000 + "b" * 5000, "number": 1})
    assert len(found["exception"]) < LONGEST + 40
    assert found["exception"].startswith("aaa")
    assert found["exception"].endswith("bbb")


@pytest.mark.parametrize(("level", "lines"), [("info", THEIRS_AT_ONCE), ("debug", 500)])
def test_a_process_that_is_made_to_fail_writes_little(level: str, lines: int) -> None:
    program = (
        "import logging\nfrom common.log import logs\n"
        f"logs.setup('media', '{level}')\n"
        "for _ in range(500):\n"
        "    try:\n        int('x')\n"
        "    except ValueError:\n        logging.getLogger('asyncio').exception('Exception in callback')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    found = [json.loads(line) for line in done.stderr.splitlines()]
    assert len(found) == lines
    assert "ValueError" in found[0]["exception"]
