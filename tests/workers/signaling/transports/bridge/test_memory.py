"""How seldom a bridge is created, and what is known of our own one after a restart."""

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
def test_bridges_are_made_seldom_whatever_happens(gaps: list[float], now: float) -> None:
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


def test_one_that_was_useful_for_long_lets_the_waits_begin_again() -> None:
    own = OwnBridge(place="x")
    for now in range(3):
        own = own.created("s", "b", moment(now))
    assert own.ended(USEFUL_S).count == 1
    assert own.ended(USEFUL_S - 1).count == 3


def test_a_clock_that_was_set_neither_locks_us_out_nor_lets_one_in() -> None:
    own = OwnBridge(place="x").created("s", "", moment(1000.0))
    for wall in (1e9, 0.0, 5e9):
        assert not own.may_create(moment(1000.0 + CREATE_WAIT_S[1] - 1, wall=wall))
        assert own.may_create(moment(1000.0 + CREATE_WAIT_S[1], wall=wall))
    assert own.may_create(moment(CREATE_WAIT_S[1], wall=0.0, boot="another"))


@pytest.mark.parametrize("lying", ["", "{", '{"place": "there", "count": 3}', '{"count": "x"}', "\x80"])
def test_whatever_lies_in_the_file_is_not_ours(tmp_path: Path, lying: str) -> None:
    (tmp_path / "b").write_bytes(lying.encode("latin-1"))
    file = OwnBridgeFile(tmp_path / "b", "here")
    assert file.now == OwnBridge(place="here")
    file.keep(file.now.created("s", "b", moment(5.0)))
    assert OwnBridgeFile(tmp_path / "b", "here").now == file.now
    assert "token" not in json.loads((tmp_path / "b").read_text())
