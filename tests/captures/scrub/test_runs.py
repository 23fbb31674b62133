"""Fakes of runs of letters and digits, and of bytes."""

from __future__ import annotations

import pytest

from captures.scrub.runs import octets, run
from tests.captures.marks import Marks


@pytest.mark.parametrize(
    ("text", "fake"),
    [
        ("abc9", "xxx7"),
        ("1234", "7777"),
        ("0034", "0077"),
        ("0000", "0000"),
        ("9" * 400, "7" * 400),
        ("9" * 401, "0" * 401),
        ("6a1f08c4d97b35e2", f"{7777777777777777777:016x}"),
        ("6A1F08C4D97B35E2", f"{7777777777777777777:016X}"),
        ("6a1f08c4d97b35e", "7x7x77x7x77x77x"),
        ("6a1f08c4d97b35e2" * 2, "f" * 32),
        ("竜9", "x7"),
    ],
)
def test_a_run_keeps_its_shape(text: str, fake: str) -> None:
    assert run(Marks(), text) == fake


ID = 7318264950173826495
FAKE = 7777777777777777777


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("before", [0, 1, 9])
def test_an_id_that_is_known_becomes_its_fake_where_it_stands_in_bytes(order: str, before: int) -> None:
    known, fake = (number.to_bytes(8, order) for number in (ID, FAKE))  # type: ignore[arg-type]
    data = b"s" * before + known + known + b"end"
    assert octets(Marks([ID]), data) == b"\xff" * before + fake + fake + b"\xff" * 3
    assert octets(Marks(), data) == b"\xff" * len(data)


def test_too_few_bytes_hold_no_id() -> None:
    assert octets(Marks([ID]), ID.to_bytes(8)[:7]) == b"\xff" * 7
    assert octets(Marks([ID]), ID.to_bytes(8)) == FAKE.to_bytes(8)
