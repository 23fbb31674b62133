from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.psn.account import profiles
from common.psn.errors import BadAnswerError
from common.psn.party import sessions
from common.psn.party.customdata import CustomData4, encode4
from tests.common.psn.party.test_push import JSON

Wire = Callable[[str], bytes]


def test_the_join_body_is_the_golden_one(wire: Wire) -> None:
    made = sessions.join_body("1c1c1c1c-0001-4002-8003-b0b1b2b3b4b5", encode4(CustomData4()))
    assert made == json.loads(wire("join-party.request.json"))


def test_the_create_body_is_the_golden_one(wire: Wire) -> None:
    context_id = "1c1c1c1c-0001-4002-8003-b0b1b2b3b4b5"
    made = sessions.create_body("", context_id, encode4(CustomData4()), open_to_friends=False)
    assert made == json.loads(wire("create-party.request.json"))
    assert list(made["v2PartySessions"][0]) == sorted(made["v2PartySessions"][0])
    assert sessions.kinds(open_to_friends=True) == {"joinableUserType": "FRIENDS", "visibilityType": "FRIENDS_ONLY"}
    assert sessions.read_created({"v2PartySessions": [{"sessionId": "s"}]}).session_id == "s"


def test_an_invitation_goes_to_account_ids() -> None:
    assert sessions.invite_body(["2", "3"]) == {
        "invitationType": "NORMAL",
        "invitations": [{"to": {"accountId": "2"}}, {"to": {"accountId": "3"}}],
        "invitationsToGroups": [],
    }


def test_an_online_id_leads_to_an_account_and_to_its_right_spelling() -> None:
    assert profiles.account_path("a/b").startswith("/userProfile/v1/users/a%2Fb/profile2?fields=accountId,")
    assert profiles.read_account({"profile": {"accountId": 2, "onlineId": "Old", "currentOnlineId": "Bo"}}) == (
        "2",
        "Bo",
    )
    with pytest.raises(BadAnswerError):
        profiles.read_account({"profile": {}})


def test_the_custom_message_body_is_the_golden_one(wire: Wire) -> None:
    golden = json.loads(wire("custom-message-offer.request.json"))
    made = sessions.custom_message_body("miranda:12", golden["payload"], "3456789012345678901", "PS5")
    assert made == golden


def test_the_golden_share_link_leads_to_its_party(wire: Wire) -> None:
    info = sessions.read_party_info(json.loads(wire("party-info.response.json")))
    assert (info.session_id, info.joinable) == ("f0f1f2f3-0001-4002-8003-a0a1a2a3a4a5", True)


def test_ids_that_begin_with_a_dash_or_hold_odd_letters_stay_one_part_of_the_path() -> None:
    assert sessions.party_info_path("-a/b?c", "US", "en") == "/api/cpss/v1/partyInfo/-a%2Fb%3Fc?country=US&language=en"
    assert sessions.me_path("a/b").endswith("/partySessions/a%2Fb/members/me")


def test_a_party_reads_with_ids_as_numbers_or_strings_and_owners_of_any_shape() -> None:
    members = [
        {"accountId": 12, "platform": "PS5", "onlineId": "Bo", "joinTimestamp": "1771123972189"},
        {"platform": 1},
    ]
    for owner, wanted in (({"accountId": 12}, ("12", "")), (12, ("12", "")), ("12", ("12", "")), ("Bo", ("", "Bo"))):
        party = sessions.read_party({"sessionId": "s", "owner": owner, "members": members})
        assert party is not None
        assert (party.owner, party.owner_name) == wanted
        assert [(m.account_id, m.joined_at) for m in party.members] == [("12", 1771123972.189)]


def test_the_largest_picture_is_taken_and_an_unknown_size_rather_than_none() -> None:
    small, large, odd = ({"size": size, "url": f"https://p/{size}.png"} for size in ("s", "l", "xxl"))
    answer = {"profiles": [{"accountId": 2, "avatars": [small, large]}, {"accountId": "3", "avatars": [odd]}, {}]}
    assert profiles.read_pictures(answer, ["2", "3", "4"]) == {"2": "https://p/l.png", "3": "https://p/xxl.png"}
    assert profiles.read_pictures({"profiles": [{"avatars": [{"url": 7}, None]}]}, ["2"]) == {}


def test_names_are_found_by_id_or_by_the_order_asked_for() -> None:
    assert profiles.read_names({"profiles": [{"accountId": 2, "onlineId": "Bo"}]}, ["1", "2"]) == {"2": "Bo"}
    assert profiles.read_names({"profiles": [{"onlineId": "Ada"}, {"onlineId": "Bo"}]}, ["1", "2"]) == {
        "1": "Ada",
        "2": "Bo",
    }


@given(JSON)
def test_no_answer_does_anything_but_read_or_raise_the_typed_error(data: Any) -> None:
    sessions.read_party(data)
    sessions.read_members(data)
    sessions.read_owner(data)
    profiles.read_names(data, ["1"])
    profiles.read_pictures(data, ["1"])
    for read in (
        sessions.read_party_info,
        profiles.read_account,
        sessions.read_created,
        lambda value: sessions.read_parties(value, "parties"),
    ):
        with suppress(BadAnswerError):
            read(data)


@given(st.dictionaries(st.sampled_from(["sessionId", "owner", "members", "maxMembers", "partyJoinable"]), JSON))
def test_no_shape_of_a_party_breaks_the_reading(data: dict[str, Any]) -> None:
    sessions.read_party(data)
    sessions.read_parties({"parties": [data]}, "parties")


def test_an_answer_without_its_list_is_a_bad_answer() -> None:
    for bad in (None, [], {}, {"parties": {}}):
        with pytest.raises(BadAnswerError):
            sessions.read_parties(bad, "parties")
