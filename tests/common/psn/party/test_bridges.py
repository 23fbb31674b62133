"""Bridges of a party, as the view and the events name them."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from common.psn.party import bridges
from common.psn.party.bridges import BridgeRef

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
