"""Following a person: into their party, into the next one, never where somebody took us out, at a bearable pace."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from common.errors import PartylineError
from common.messages import Following, PushState
from common.requests import FollowPlayer, JoinParty, LeaveParty
from tests.simulator.client import Client
from tests.workers.session.realm import BO, Realm, realm


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

    async with asyncio.timeout(60):
        while not await ours():
            pass


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
        assert "Follow   Bo-Streams, with them" in (await there.cli("status"))[1]

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
