"""What is read of sessionManager's answers, in each shape that they may have."""

from __future__ import annotations

from typing import Any

import pytest

from common.psn.errors import BadAnswerError
from common.psn.party.sessions import answers

PARTY = {"sessionId": "AA"}


@pytest.mark.parametrize(("sent", "read"), [(3, 3), ("3", 3), (0, 0), (-1, 0), (None, 0)])
def test_a_place_in_the_order_of_joining_is_never_negative(sent: Any, read: int) -> None:
    member = answers.read_member({"accountId": 12, "joinOrder": sent})
    assert member is not None
    assert member.join_order == read


@pytest.mark.parametrize(("sent", "is_open"), [("FRIENDS", True), ("INVITE_ONLY", False), ("ANYONE", None), (1, None)])
def test_who_may_join_is_read_or_unknown(sent: Any, is_open: bool | None) -> None:
    assert answers.read_open(sent) is is_open


@pytest.mark.parametrize("key", ["v2PartySessions", "partySessions"])
def test_the_party_of_a_view_is_found_under_the_key_of_either_version_in_any_case(key: str) -> None:
    view = {key: [{"sessionId": "other"}, PARTY]}
    party = answers.read_view(view, "aa")
    assert party is not None
    assert party.session_id == "AA"
    assert answers.read_view(view, "bb") is None


def test_a_view_without_a_list_is_missed_under_the_key_of_version_2() -> None:
    with pytest.raises(BadAnswerError, match="'v2PartySessions'"):
        answers.read_view({"partySessions": {}}, "aa")


@pytest.mark.parametrize(
    ("view", "shape"),
    [
        ({}, {}),
        ({"v2PartySessions": None}, {}),
        ({"v2PartySessions": []}, {"party.view-key": "v2PartySessions"}),
        ({"partySessions": [{"members": [{"accountId": 1}]}]}, {"party.view-key": "partySessions"}),
        (
            {"v2PartySessions": [{"members": [{}, {"joinTimestamp": "17"}]}]},
            {"party.view-key": "v2PartySessions", "party.view-timestamp": "string"},
        ),
        (
            {"v2PartySessions": [{"members": [{"joinTimestamp": 17}, {"joinTimestamp": "17"}]}]},
            {"party.view-key": "v2PartySessions", "party.view-timestamp": "number"},
        ),
    ],
)
def test_a_view_shows_its_key_and_the_kind_of_its_times(view: Any, shape: dict[str, str]) -> None:
    assert answers.view_shape(view) == shape


ENTRIES = [
    ({"sessionId": "a"}, ["a"]),
    ({"partySession": {"sessionId": "b"}}, ["b"]),
    ({"session": {"sessionId": "c"}}, ["c"]),
    ({"sessionId": "a", "session": {"sessionId": "c"}}, ["a"]),
    ({"id": "d"}, []),
    (None, []),
]


@pytest.mark.parametrize(("entry", "found"), ENTRIES)
def test_a_session_is_found_in_an_open_party_or_an_invitation_or_inside_it(entry: Any, found: list[str]) -> None:
    assert answers.read_open_parties({"openPartySessions": [entry]}) == found
    assert [session for session, *_ in answers.read_invitations({"invitations": [entry]})] == found


def test_an_invitation_says_who_sent_it_as_far_as_it_does() -> None:
    sender = {"accountId": 7, "onlineId": "Bo"}
    invitations = [{"sessionId": "a", "from": sender}, {"sessionId": "b"}]
    assert answers.read_invitations({"invitations": invitations}) == [("a", "7", "Bo"), ("b", "", "")]


@pytest.mark.parametrize("bad", [None, [], {}, {"openPartySessions": {}, "invitations": {}}])
def test_an_answer_without_its_list_is_a_bad_one(bad: Any) -> None:
    for read in (answers.read_open_parties, answers.read_invitations):
        with pytest.raises(BadAnswerError, match="no list"):
            read(bad)


def test_of_many_open_parties_50_are_read() -> None:
    listed = [{"sessionId": str(number)} for number in range(60)]
    assert answers.read_open_parties({"openPartySessions": listed}) == [str(number) for number in range(50)]


@pytest.mark.parametrize(("sent", "joinable"), [(True, True), (False, False), (None, True), ("no", True)])
def test_a_party_can_be_joined_unless_it_says_no_and_holds_16_unless_it_says_otherwise(
    sent: Any, joinable: bool
) -> None:
    party = answers.read_party({**PARTY, "partyJoinable": sent})
    assert party is not None
    assert (party.joinable, party.max_members) == (joinable, 16)
    small = answers.read_party({**PARTY, "maxMembers": 4})
    assert small is not None
    assert (small.joinable, small.max_members) == (True, 4)


def test_the_first_party_of_an_answer_is_the_one_that_was_created() -> None:
    assert answers.read_created({"v2PartySessions": [PARTY, {"sessionId": "BB"}]}).session_id == "AA"
    with pytest.raises(BadAnswerError, match="names none"):
        answers.read_created({"v2PartySessions": [{}]})
