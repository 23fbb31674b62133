from __future__ import annotations

from pathlib import Path

from common.messages import Member
from common.psn.party.sessions import Party, PartyMember
from workers.session.automatic.followed import Followed, FollowedFile, find, is_among

ME = ("1", "MOBILE_APP")
BO = Followed(account_id="2", online_id="Bo")


def party(session_id: str, *members: tuple[str, str]) -> Party:
    entries = tuple(PartyMember(account_id=account, platform=platform) for account, platform in members)
    return Party(session_id=session_id, members=entries)


def test_they_are_found_on_any_device_but_we_are_not_they() -> None:
    there = [party("a", ("3", "PS5")), party("b", ("2", "PS5"))]
    assert find(there, BO, ME) == there[1]
    assert find(there[:1], BO, ME) is None
    own = Followed(account_id="1", online_id="Me")
    assert find([party("phone", ME)], own, ME) is None
    console = party("console", ("1", "PS5"))
    assert find([console], own, ME) == console
    assert find([console], Followed(account_id="1", shunned=("console",)), ME) is None


def test_being_with_them_is_seen_in_the_table() -> None:
    me = Member(account_id="2", platform="MOBILE_APP", is_me=True)
    assert not is_among([me], BO)
    assert is_among([me, Member(account_id="2", platform="PS5")], BO)


def test_whom_we_follow_is_remembered_where_it_belongs(home: Path) -> None:
    file = FollowedFile(home / "f.json", "here")
    file.keep(BO)
    for number in range(30):
        file.shun(str(number))
    again = FollowedFile(home / "f.json", "here").now
    assert (again.online_id, len(again.shunned), again.shunned[-1]) == ("Bo", 20, "29")
    assert FollowedFile(home / "f.json", "there").now.account_id == ""
    (home / "f.json").write_bytes(b"[")
    assert FollowedFile(home / "f.json", "here").now.account_id == ""
