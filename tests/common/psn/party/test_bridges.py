"""Bridges of a party, as the view and the events name them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.psn.errors import BadAnswerError
from common.psn.party import bridges
from common.psn.party.bridges import LONGEST, MOST, BridgeRef

REF = BridgeRef(bridge_id="b", token="t", etag="e")


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


def test_paths_quote_what_stands_in_them() -> None:
    assert bridges.bridge_path("a/b") == "/api/rtcBridge/v1/bridges/a%2Fb"
    assert bridges.peers_path("a") == "/api/rtcBridge/v1/bridges/a/peers?allow_duid_duplication=false&g=2"
    assert bridges.peer_path("a", "p/q", "/answer") == "/api/rtcBridge/v1/bridges/a/peers/p%2Fq/answer"
    assert bridges.listed_path("a") == "/api/rtcBridge/v1/bridges/a?fields=peer.peerId"
    assert bridges.link_path("s") == "/api/sessionManager/v2/partySessions/s/bridges"
    assert bridges.unlink_path("s", "a/b").endswith("/partySessions/s/bridges/a%2Fb")


def test_a_token_is_a_header_once_it_is_known() -> None:
    assert bridges.headers("T") == {"X-PSN-RTC-TITLE-ID": "T"}
    assert bridges.headers("T", "secret") == {"X-PSN-RTC-TITLE-ID": "T", "X-PSN-BRIDGE-TOKEN": "secret"}


def test_an_etag_is_sent_in_quotes_and_kept_without() -> None:
    assert bridges.if_match("e") == {"If-Match": '"e"'}
    assert bridges.read_bridges({"bridges": [{"bridgeId": "b", "bridgeEtag": '"e"'}]})[0].etag == "e"


def test_what_is_asked_of_a_bridge_is_what_the_app_asks() -> None:
    asked = bridges.media_body()["mediaTypes"]
    assert asked["application"] == {"isRequired": True}
    assert asked["audio"]["isRequired"] is True
    assert asked["audio"]["opus"] == [
        {"bitrate": 40, "channels": 1, "codec": "CELT", "ptime": 40, "samplingRates": [16000]}
    ]
    assert bridges.link_body(BridgeRef(bridge_id="b", token="t")) == {
        "bridges": [{"bridgeId": "b", "bridgeToken": "t"}]
    }
    assert bridges.answer_body("v=0") == {"answer": {"sdp": "v=0"}}


def test_a_token_stands_in_no_text_about_a_bridge() -> None:
    assert repr(BridgeRef(bridge_id="b", token="secret")) == "BridgeRef('b')"


def test_a_created_bridge_is_read() -> None:
    made = {"bridge": {"bridgeId": "b", "bridgeToken": "t", "bridgeEtag": "e"}}
    assert bridges.read_created(made) == BridgeRef(bridge_id="b", token="t", etag="e")


@pytest.mark.parametrize("field", ["bridgeId", "bridgeToken", "bridgeEtag"])
def test_a_bridge_with_something_too_long_is_left_out(field: str) -> None:
    entry = {"bridgeId": "b", field: "x" * LONGEST}
    assert len(bridges.read_bridges({"bridges": [entry]})) == 1
    assert bridges.read_bridges({"bridges": [{**entry, field: "x" * (LONGEST + 1)}]}) == []


@pytest.mark.parametrize("data", [None, {}, {"bridge": {"bridgeToken": "t"}}])
def test_an_answer_without_a_bridge_is_refused(data: Any) -> None:
    with pytest.raises(BadAnswerError, match="names none"):
        bridges.read_created(data)


def test_a_peer_has_an_id_and_an_offer() -> None:
    assert bridges.read_peer({"peer": {"peerId": "p", "offer": {"sdp": "v=0"}}}) == ("p", "v=0")
    for peer in ({"peerId": "p"}, {"offer": {"sdp": "v=0"}}, {}):
        with pytest.raises(BadAnswerError, match="no peer or no offer"):
            bridges.read_peer({"peer": peer})


def test_a_new_offer_has_a_description() -> None:
    assert bridges.read_offer({"offer": {"sdp": "v=0"}}) == "v=0"
    with pytest.raises(BadAnswerError, match="no offer"):
        bridges.read_offer({"offer": {}})


def test_a_member_can_link_any_number_and_some_are_read() -> None:
    many = {"bridges": [{"bridgeId": str(n)} for n in range(MOST + 5)]}
    assert [ref.bridge_id for ref in bridges.read_bridges(many)] == [str(n) for n in range(MOST)]
    assert (MOST, LONGEST) == (16, 256)


@pytest.mark.parametrize("key", ["v2PartySessions", "partySessions"])
def test_the_bridges_of_a_party_are_found_in_its_view(key: str) -> None:
    view = {key: [{"sessionId": "OTHER"}, {"sessionId": "AbC", "bridges": [{"bridgeId": "b"}]}]}
    assert [ref.bridge_id for ref in bridges.read_view(view, "aBc")] == ["b"]
    assert bridges.read_view(view, "nowhere") == []


def test_peers_without_an_id_are_left_out() -> None:
    assert bridges.read_peers({"bridge": {"peers": [{"peerId": "p"}, {}, None, {"peerId": "q"}]}}) == ["p", "q"]


def test_an_offer_that_cannot_be_read_has_no_direction() -> None:
    assert bridges.direction_of("v=0") == ""


def test_no_token_is_left_at_any_depth_and_what_lies_too_deep_is_dropped() -> None:
    assert bridges.without_tokens({"a": [{"bridgeToken": "t", "b": 1}], "bridgeToken": "t"}) == {"a": [{"b": 1}]}
    nested: Any = "here"
    for _ in range(12):
        nested = [nested]
    assert "here" in str(bridges.without_tokens(nested))
    assert "here" not in str(bridges.without_tokens([nested]))
    deep: Any = "here"
    for _ in range(12):
        deep = {"x": deep}
    assert "here" in str(bridges.without_tokens(deep))
    assert "here" not in str(bridges.without_tokens({"x": deep}))
