"""Which programs run on which of two machines, and what is refused in words."""

from __future__ import annotations

import pytest

from common.basic.division import MOVABLE, OF_THE_PARTY, Division, completed, of
from common.errors import SettingsError
from tests.structure.code import WORKERS

DESK = of("spare", "desk", MOVABLE)
SPARE = of("desk", "spare", MOVABLE)


def test_every_worker_is_of_the_party_or_movable_or_each_machines_own() -> None:
    assert WORKERS - {*OF_THE_PARTY, *MOVABLE} == {"broker", "gate", "link"}


def test_each_program_runs_on_one_side_and_the_bus_on_both() -> None:
    assert DESK is not None
    assert SPARE is not None
    for program in (*OF_THE_PARTY, *MOVABLE, "simulator"):
        assert DESK.is_here(program) != SPARE.is_here(program), program
    assert all(side.is_here(own) for side in (DESK, SPARE) for own in ("broker", "gate", "link"))
    assert DESK.there == SPARE.here == set(OF_THE_PARTY)
    assert SPARE.asked_there == DESK.asked_here == {"audio", "recorder", "dashboard", "obs", "webrtc"}
    assert DESK.is_here("audio")
    assert SPARE.is_here("simulator")


def test_without_a_machine_nothing_is_divided() -> None:
    assert of("", "desk", MOVABLE) is None


@pytest.mark.parametrize(
    ("wanted", "whole"),
    [
        (("audio", "recorder", "dashboard"), MOVABLE),
        (("recorder",), ("recorder",)),
        (("dashboard",), ("dashboard", "obs", "webrtc", "integrations")),
    ],
)
def test_what_goes_with_the_dashboard_is_completed(wanted: tuple[str, ...], whole: tuple[str, ...]) -> None:
    assert completed(wanted) == whole


@pytest.mark.parametrize(
    ("desk", "words", "remedy"),
    [
        (("auth",), "auth runs on the other machine", "tokens"),
        (("media", "audio"), "media runs on the other machine", "keys"),
        (("broker",), "'broker' cannot be moved", "audio"),
        (("gate",), "'gate' cannot be moved", "audio"),
        (("audio",), "recorder cannot hear", "recorder at the desk"),
        (("audio", "recorder"), "dashboard cannot hear", "dashboard at the desk"),
        (("obs",), "obs and the dashboard", "where the dashboard is"),
        ((), "nothing would run", "audio"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(desk: tuple[str, ...], words: str, remedy: str) -> None:
    with pytest.raises(SettingsError, match=words) as refused:
        completed(desk)
    assert remedy in refused.value.remedy


def test_a_division_from_a_file_is_checked_too() -> None:
    with pytest.raises(SettingsError, match="obs and the dashboard"):
        of("spare", "desk", ("dashboard",))
    assert isinstance(of("spare", "desk", ("recorder",)), Division)
