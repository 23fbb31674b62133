"""Who needs a bridge, how seldom one is made, what is due about it: deciding parts without network or clock."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common.basic.clock import Moment
from common.psn.party import bridges
from common.psn.party.bridges import BridgeRef
from workers.signaling.transports.bridge.attachment import LOOKS_S, UP_WITHIN_S, Stay
from workers.signaling.transports.bridge.demand import MAKES_WAIT_S, STALE_S, USEFUL_S, Makes, Need, Patience
from workers.signaling.transports.bridge.memory import MakesFile

ANN, BOB = "1.PS5", "2.PS4"
REF = BridgeRef(bridge_id="b", token="t", etag="e")


def need() -> Need:
    made = Need(Patience())
    made.keep((ANN, BOB))
    return made


def test_a_member_needs_a_bridge_after_half_a_minute_without_a_connection() -> None:
    made = need()
    for now in range(31):
        made.report(ANN, "connecting", now)
        made.report(BOB, "connected", now)
        assert made.needing(now) == ([ANN] if now >= 30 else [])
        assert made.lacking(now) == ([ANN] if now >= 5 else [])


def test_or_after_many_tries_that_came_to_nothing() -> None:
    made = Need(Patience(failures=3))
    made.keep((ANN, BOB))
    for now, connection in enumerate(("connecting", "failed", "connecting", "failed", "connecting", "failed")):
        assert made.needing(now) == []
        made.report(ANN, connection, now)
    assert made.needing(5) == [ANN]
    made.report(ANN, "connected", 6)
    made.report(ANN, "lost", 7)
    assert made.needing(7) == []
    made.failing(ANN, 3)
    assert made.needing(7) == [ANN]


def test_what_media_said_a_while_ago_means_nothing() -> None:
    made = need()
    made.report(ANN, "failed", 0)
    assert made.needing(STALE_S + 40) == []
    made.report(ANN, "waiting", 100)
    assert made.lacking(104) == []
    assert not made.settled(104)


def test_everybody_is_settled_when_all_have_been_connected_for_a_while_or_have_left() -> None:
    made = need()
    for now in range(12):
        made.report(ANN, "connected", now)
        made.report(BOB, "connected" if now else "waiting", now)
    assert not made.settled(10.5)
    assert made.settled(11)
    made.report(BOB, "lost", 12)
    made.report(ANN, "connected", 12)
    assert not made.settled(12)
    made.keep({ANN})
    assert made.settled(12)
    made.keep(())
    assert made.settled(1000)


def moment(seconds: float, wall: float = 1e9, boot: str = "b") -> Moment:
    return Moment(boot=boot, boot_s=seconds, unix=wall + seconds)


def test_a_stranger_is_nobody() -> None:
    made = need()
    made.report("9.PS5", "failed", 0)
    made.failing("9.PS5", 9)
    assert made.needing(0) == []


@example([0.0, 60.0, 2517.2882314946564, 1023.3394637564749, 0.0], 992.0)  # the sum is a little more than its parts
@given(st.lists(st.floats(min_value=0, max_value=4000), max_size=60), st.floats(min_value=0, max_value=2e9))
def test_bridges_are_made_seldom_whatever_happens(gaps: list[float], now: float) -> None:
    makes, made = Makes(place="x"), []
    for gap in gaps:
        now += gap
        if makes.may(moment(now)):
            makes = makes.made("s", "b", moment(now))
            made.append(now)
        makes = makes.gone(0.0)
    for at in made:
        assert len([one for one in made if at <= one < at + 59.9]) <= 1
        assert len([one for one in made if at <= one < at + 1259]) <= 4
        assert len([one for one in made if at <= one < at + 3600]) <= 4


def test_one_that_was_useful_for_long_lets_the_waits_begin_again() -> None:
    makes = Makes(place="x")
    for now in range(3):
        makes = makes.made("s", "b", moment(now))
    assert makes.gone(USEFUL_S).count == 1
    assert makes.gone(USEFUL_S - 1).count == 3


def test_a_clock_that_was_set_neither_locks_us_out_nor_lets_one_in() -> None:
    makes = Makes(place="x").made("s", "", moment(1000.0))
    for wall in (1e9, 0.0, 5e9):
        assert not makes.may(moment(1000.0 + MAKES_WAIT_S[1] - 1, wall=wall))
        assert makes.may(moment(1000.0 + MAKES_WAIT_S[1], wall=wall))
    assert makes.may(moment(MAKES_WAIT_S[1], wall=0.0, boot="another"))


@pytest.mark.parametrize("lying", ["", "{", '{"place": "there", "count": 3}', '{"count": "x"}', "\x80"])
def test_whatever_lies_in_the_file_is_not_ours(tmp_path: Path, lying: str) -> None:
    (tmp_path / "b").write_bytes(lying.encode("latin-1"))
    file = MakesFile(tmp_path / "b", "here")
    assert file.now == Makes(place="here")
    file.keep(file.now.made("s", "b", moment(5.0)))
    assert MakesFile(tmp_path / "b", "here").now == file.now
    assert "token" not in json.loads((tmp_path / "b").read_text())


def test_what_is_due_on_a_bridge() -> None:
    stay = Stay(REF, "s", own=True, peer_id="p", entered_at=100.0)
    assert stay.due(101, settled=False, down_since=0) == ""
    assert stay.due(101, settled=True, down_since=0) == "settled"
    assert stay.due(100 + LOOKS_S[0], settled=False, down_since=0) == "look"
    assert stay.due(101 + UP_WITHIN_S, settled=False, down_since=1) == "unreached"
    stay.own = False
    assert stay.due(101, settled=True, down_since=0) == ""


def test_who_is_on_it_and_its_direction_say_whether_it_is_of_use() -> None:
    stay = Stay(REF, "s", peer_id="p", direction="recvonly")
    assert [stay.looked(peers, 1.0) for peers in (["p"], ["p", "q"])] == ["", "renew"]
    stay = Stay(REF, "s", peer_id="p", direction="sendrecv")
    assert [stay.looked(["p"], 1.0) for _ in LOOKS_S] == [""] * (len(LOOKS_S) - 1) + ["alone"]
    stay = Stay(REF, "s", peer_id="p", direction="sendonly")
    assert stay.looked(["p", "q"], 7.0) == ""
    assert stay.useful_s(9.0) == 2.0


def test_bridges_are_read_under_both_names_and_within_bounds() -> None:
    entry = {"bridgeId": "b", "bridgeToken": "t", "bridgeEtag": '"e"'}
    for key in ("v2PartySessions", "partySessions"):
        view = {key: [{"sessionId": "S", "bridges": [entry]}]}
        assert bridges.read_view(view, "s") == [REF]
        assert bridges.read_view(view, "other") == []
    many = [{**entry, "bridgeId": str(number)} for number in range(100)]
    assert len(bridges.read_bridges({"bridges": many})) == bridges.MOST
    assert bridges.read_bridges({"bridges": [{**entry, "bridgeToken": "t" * 1000}, 5, None]}) == []
    assert "t" not in repr(REF).replace("Bridge", "")


json_values = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["a", "bridges", "bridgeId"]) | st.text(max_size=3), inner, max_size=3),
    ),
)


@given(json_values)
def test_event_data_is_as_it_came_without_a_token_anywhere(data: object) -> None:
    planted = {"data": data, "bridges": [{"bridgeId": "b", "bridgeToken": "planted"}], "deep": [[{"bridgeToken": 1}]]}
    kept = bridges.without_tokens(planted)
    assert "bridgeToken" not in json.dumps(kept)
    assert kept["bridges"] == [{"bridgeId": "b"}]
    assert kept["data"] == bridges.without_tokens(data)


def test_what_is_nested_too_deep_is_left_out_of_it() -> None:
    data: object = {"bridgeToken": "planted"}
    for _ in range(500):
        data = [data]
    assert "planted" not in json.dumps(bridges.without_tokens(data))
