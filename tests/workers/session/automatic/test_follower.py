"""Following a person: into their party, into the next one, never where somebody took us out, at a bearable pace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from common.errors import PartylineError
from common.messages import Following, PartyState, PushState
from common.psn.errors import RateLimitedError
from common.requests import FollowPlayer, JoinParty, LeaveParty
from tests.simulator.client import Client
from tests.support.waiting import until
from tests.workers.session.automatic.rig import Joins
from tests.workers.session.member.rig import MembershipRig
from tests.workers.session.realm import BO, Realm, realm
from workers.session.automatic.followed import Followed, FollowedFile
from workers.session.automatic.follower import Follower
from workers.session.automatic.poll_schedule import PollSchedule


class Search:
    """Finds the player in these parties, one after the other, then nowhere."""

    def __init__(self, *found: str | PartylineError) -> None:
        self.found = list(found)
        self.searches = 0

    async def search(self, _: Followed) -> str:
        self.searches += 1
        found = self.found.pop(0) if self.found else ""
        if isinstance(found, PartylineError):
            raise found
        return found


class FollowerRig:
    """A follower that runs, of a player `Bo`, without a network."""

    def __init__(self, home: Path, search: Search, joins: Joins) -> None:
        self.there = MembershipRig(home)
        self.file = FollowedFile(home / "f.json", "here")
        self.schedule = PollSchedule(0.01)
        self.follower = Follower(self.file, self.schedule, search, self.there.membership)  # type: ignore[arg-type]
        self.published: list[Following] = []
        self.push_open = asyncio.Event()
        self.push_open.set()
        self.joins = joins

    async def until(self, condition: Callable[[], object]) -> None:
        task = asyncio.create_task(self.follower.run(self.push_open, self.joins, self.published.append))  # type: ignore[arg-type]
        await until(condition, "it is so", within_s=30, every_s=0.001)
        task.cancel()


async def test_the_player_is_searched_for_until_their_party_is_found_and_joined(home: Path) -> None:
    search, joins = Search("", "a"), Joins(None)
    rig = FollowerRig(home, search, joins)
    rig.follower.start("2", "Bo")
    await rig.until(joins.joined.is_set)
    assert (joins.targets, search.searches) == (["a"], 2)
    assert [(one.state, one.detail) for one in rig.published[:2]] == [
        ("off", ""),
        ("looking", "in no party that this account may join"),
    ]


async def test_without_a_push_channel_or_a_player_nobody_is_searched_for(home: Path) -> None:
    search = Search("a")
    rig = FollowerRig(home, search, Joins())
    await rig.until(lambda: rig.published)
    rig.push_open.clear()
    rig.follower.start("2", "Bo")
    await rig.until(lambda: rig.published[-1].state == "looking")
    assert search.searches == 0


async def test_a_failed_search_is_shown_and_the_server_is_left_alone_as_long_as_it_asks(home: Path) -> None:
    search = Search(RateLimitedError("Too many calls.", retry_after=900.0))
    rig = FollowerRig(home, search, Joins())
    rig.follower.start("2", "Bo")
    await rig.until(lambda: rig.published and rig.published[-1].detail)
    assert rig.published[-1].detail == "Too many calls."
    assert rig.schedule.due_at() > time.monotonic() + 800.0


async def test_a_stop_cancels_the_join_that_is_under_way(home: Path) -> None:
    joins = Joins(None)
    joins.hold.clear()
    rig = FollowerRig(home, Search("a"), joins)
    rig.follower.start("2", "Bo")
    sentences: list[str] = []
    await rig.until(
        lambda: joins.targets and (sentences.append(rig.follower.stop()) or rig.published[-1].state == "off")
    )
    assert (sentences[0], set(sentences[1:]) <= {""}) == (" Bo is not followed any more.", True)
    assert (rig.follower.follows, joins.joined.is_set()) == (False, False)


def test_a_party_that_removed_us_is_not_joined_again(home: Path) -> None:
    rig = FollowerRig(home, Search(), Joins())
    rig.follower.start("2", "Bo")
    rig.follower.on_party(PartyState(phase="joined", session_id="a"))
    rig.follower.on_party(PartyState(phase="none", end="dropped"))
    rig.follower.on_party(PartyState(phase="none", end="removed"))
    assert rig.file.now.shunned == ()
    rig.follower.on_party(PartyState(phase="joined", session_id="a"))
    rig.follower.on_party(PartyState(phase="none", end="removed"))
    assert rig.file.now.shunned == ("a",)


# --- real workers -----------------------------------------------------------------------------------


async def opened(there: Realm, bo: Client) -> str:
    """Let Bo make a party that friends may join."""
    del there
    return await bo.create(joinableUserType="FRIENDS", visibilityType="FRIENDS_ONLY")


def following(there: Realm) -> Following:
    return there.rig.now(Following) or Following()


async def looks(there: Realm) -> int:
    return sum(call.endswith("/bulkGet") for call in await there.rig.calls())


async def told(there: Realm, session_id: str) -> None:
    """Wait until joining is over, to the last call."""

    async def ours() -> str:
        members = (await there.party(session_id) or {"members": []})["members"]
        return next((one.get("customData3", "") for one in members if one["accountId"] == there.me), "")

    await until(ours, "we have named the others")


async def test_a_friend_is_followed_from_party_to_party_but_not_back_to_where_we_were_taken_out(home: Path) -> None:
    async with realm(home, PARTYLINE_SESSION__FOLLOW_EVERY_S="1") as there:
        await there.rig.until(lambda: (now := there.rig.now(PushState)) and now.connected, "push is open")
        bo = await there.person()
        with pytest.raises(PartylineError, match="Nobody on PlayStation is called 'No-Such'"):
            await there.ask(FollowPlayer(online_id="No-Such"))
        code, out, _ = await there.cli("follow", "bo-streams")
        assert (code, out.splitlines()[0]) == (
            0,
            "Following Bo-Streams. From now on, partyline joins whatever party they are in.",
        )
        await there.rig.until(lambda: following(there).detail, "the first look was in vain")
        assert "Follow   Bo-Streams: in no party that this account may join" in (await there.cli("status"))[1]

        first = await opened(there, bo)
        await there.state("we follow", phase="joined", session_id=first)
        await there.rig.until(lambda: following(there).state == "with", "we are with them")
        assert "Follow   Bo-Streams, in the same party" in (await there.cli("status"))[1]

        there.rig.again("session", env=there.env)
        await there.control("end-party", {"sessionId": first})
        second = await opened(there, bo)
        await there.state("we follow again after a kill and an end", phase="joined", session_id=second)

        await told(there, second)
        await there.control("kick", {"accountId": there.me})
        await there.state("we were taken out", phase="none", end="removed")
        seen = await looks(there)
        while await looks(there) < seen + 3:
            assert (await there.party(second) or {})["members"][0]["accountId"] == BO[0]
        await there.state("we stay out", phase="none", end="removed")

        assert (await bo.leave(second)).status == 204
        third = await opened(there, bo)
        await there.state("the next party is fine", phase="joined", session_id=third)
        assert (await there.ask(LeaveParty())).message == "Left the party. Bo-Streams is not followed any more."
        await there.rig.until(lambda: following(there).state == "off", "nobody is followed")
        assert await there.control("violations") == []


async def test_what_is_done_by_hand_ends_the_following(home: Path) -> None:
    async with realm(home, PARTYLINE_SESSION__FOLLOW_EVERY_S="1") as there:
        await there.rig.until(lambda: (now := there.rig.now(PushState)) and now.connected, "push is open")
        await there.person()
        assert (await there.cli("follow", "off"))[1] == "Nobody was followed.\n"
        await there.ask(FollowPlayer(online_id=BO[1]))
        state = await there.ask(JoinParty(target=there.info["session_id"]))
        await there.rig.until(lambda: following(there).state == "off", "nobody is followed")
        await there.ask(FollowPlayer(online_id="NovaKite"))
        await there.rig.until(lambda: following(there).state == "with", "we are with them already")
        assert (await there.cli("follow", "off"))[1] == "NovaKite is not followed any more.\n"
        assert (await there.state("the party goes on", phase="joined")).context_id == state.context_id
