"""The list of talkers: who is in it, what is said of each, and that nobody's number changes."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from integrations.client.talkers import PartyTalker, Places, talkers


def member(account: str, **more: Any) -> dict[str, Any]:
    return {"account_id": account, "platform": "PS5", "online_id": f"name-{account}", "is_me": False, **more}


def party(*members: dict[str, Any], **mixer: Any) -> dict[str, Any]:
    return {"party.state/": {"members": list(members)}, "audio.mixer/": {"talkers": [], **mixer}}


def test_nobody_is_there_before_the_first_state() -> None:
    assert talkers({}, Places()) == []


def test_a_member_of_whom_nothing_is_known_yet() -> None:
    (only,) = talkers(party(member("1", online_id="")), Places())
    assert only == PartyTalker(
        peer="1.PS5", account_id="1", name="1", place=1, connected=False, speaking=False,
        gain_db=0.0, muted=False, solo=False, is_own=False,
    )  # fmt: skip


def test_the_listener_is_no_talker_and_the_own_console_is_marked() -> None:
    topics = party(member("1", is_me=True), member("2"), member("3"), own_account="3")
    assert [(one.account_id, one.is_own) for one in talkers(topics, Places())] == [("2", False), ("3", True)]


def test_what_the_desk_and_the_peer_say() -> None:
    topics = party(member("2"))
    topics["audio.mixer/"]["talkers"] = [{"peer": "2.PS5", "gain_db": -6.0, "muted": True, "solo": True}]
    topics["peer.state/2.PS5"] = {"connection": "connected"}
    topics["peer.speaking/2.PS5"] = {"speaking": True}
    (only,) = talkers(topics, Places())
    assert (only.gain_db, only.muted, only.solo, only.connected, only.speaking) == (-6.0, True, True, True, True)


def test_who_leaves_frees_his_number_for_the_next_one_only() -> None:
    places = Places()
    assert places.assign(["a", "b", "c"]) == {"a": 1, "b": 2, "c": 3}
    assert places.assign(["b", "c"]) == {"b": 2, "c": 3}
    assert places.assign(["b", "c", "d", "e"]) == {"b": 2, "c": 3, "d": 1, "e": 4}


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), unique=True), max_size=8))
def test_numbers_are_distinct_small_and_kept(parties: list[list[str]]) -> None:
    places, before = Places(), dict[str, int]()
    for peers in parties:
        now = places.assign(peers)
        assert sorted(now) == sorted(peers)
        assert len(set(now.values())) == len(peers)
        assert all(now[peer] == place for peer, place in before.items() if peer in now)
        assert all(place <= 8 for place in now.values())
        before = now
