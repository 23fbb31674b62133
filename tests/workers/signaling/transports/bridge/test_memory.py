"""When the next bridge may be created, and what is known of our own one after a restart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common.basic.clock import Moment
from workers.signaling.transports.bridge.memory import CREATE_WAIT_S, USEFUL_S, OwnBridge, OwnBridgeFile


def moment(seconds: float, wall: float = 1e9, boot: str = "b") -> Moment:
    return Moment(boot=boot, boot_s=seconds, unix=wall + seconds)


@example([0.0, 60.0, 2517.2882314946564, 1023.3394637564749, 0.0], 992.0)  # the sum is a little more than its parts
@given(st.lists(st.floats(min_value=0, max_value=4000), max_size=60), st.floats(min_value=0, max_value=2e9))
def test_the_waits_between_bridges_hold_whatever_happens(gaps: list[float], now: float) -> None:
    own, made = OwnBridge(place="x"), []
    for gap in gaps:
        now += gap
        if own.may_create(moment(now)):
            own = own.created("s", "b", moment(now))
            made.append(now)
        own = own.ended(0.0)
    for at in made:
        assert len([one for one in made if at <= one < at + 59.9]) <= 1
        assert len([one for one in made if at <= one < at + 1259]) <= 4
        assert len([one for one in made if at <= one < at + 3600]) <= 4


def test_a_bridge_that_was_useful_for_long_resets_the_waits() -> None:
    own = OwnBridge(place="x")
    for now in range(3):
        own = own.created("s", "b", moment(now))
    assert own.ended(USEFUL_S).count == 1
    assert own.ended(USEFUL_S - 1).count == 3


def test_a_changed_wall_clock_neither_shortens_nor_lengthens_the_wait() -> None:
    own = OwnBridge(place="x").created("s", "", moment(1000.0))
    for wall in (1e9, 0.0, 5e9):
        assert not own.may_create(moment(1000.0 + CREATE_WAIT_S[1] - 1, wall=wall))
        assert own.may_create(moment(1000.0 + CREATE_WAIT_S[1], wall=wall))
    assert own.may_create(moment(CREATE_WAIT_S[1], wall=0.0, boot="another"))


@pytest.mark.parametrize("lying", ["", "{", '{"place": "there", "count": 3}', '{"count": "x"}', "\x80"])
def test_an_invalid_file_or_one_of_another_place_is_not_used(tmp_path: Path, lying: str) -> None:
    (tmp_path / "b").write_bytes(lying.encode("latin-1"))
    file = OwnBridgeFile(tmp_path / "b", "here")
    assert file.now == OwnBridge(place="here")
    file.keep(file.now.created("s", "b", moment(5.0)))
    assert OwnBridgeFile(tmp_path / "b", "here").now == file.now
    assert "token" not in json.loads((tmp_path / "b").read_text())
