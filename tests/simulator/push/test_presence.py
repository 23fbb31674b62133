"""A member whose push channel is gone, and one who comes back."""

from __future__ import annotations

import asyncio

import pytest


async def members(client) -> int:
    return len((await client.control("state"))["parties"][0]["members"])


async def test_a_member_whose_push_is_gone_is_dropped_after_the_presence_timeout(simulated):
    async with simulated(presence_s=0.5) as client:
        await (await client.sign_in()).open_push()
        await client.join()
        await client.close()
        await client.until(lambda state: len(state["parties"][0]["members"]) == 1)


async def test_whether_it_is_dropped_can_be_chosen(simulated):
    async with simulated(presence_s=0.1, ways={"push.presence": "keeps"}) as client:
        await (await client.sign_in()).open_push()
        await client.join()
        await client.close()
        await client.until(lambda state: state["push"] == [])
        await asyncio.sleep(1.2)  # two sweeps
        assert await members(client) == 2


async def test_a_member_who_reconnects_in_time_stays(simulated):
    async with simulated(presence_s=60.0) as client:
        await (await client.sign_in()).open_push()
        await client.join()
        await client.control("drop-push", {"code": 4101})
        await client.until(lambda state: state["push"] == [])
        await client.close()
        await client.open_push(**{"X-PSN-RECONNECTION": "true"})
        await client.until(lambda state: [one["authorised"] for one in state["push"]] == [True])
        assert await members(client) == 2
        assert await client.violations() == []
        assert (await client.leave()).status == 204


@pytest.mark.parametrize(("way", "left"), [("drops", 1), ("keeps", 2)])
async def test_false_within_the_presence_timeout_is_wrong_and_may_cost_the_membership(simulated, way, left):
    async with simulated(ways={"push.reconnected-false": way}) as client:
        await (await client.sign_in()).open_push()
        await client.join()
        await client.control("drop-push", {})
        await client.until(lambda state: state["push"] == [])
        await client.close()
        await client.open_push(**{"X-PSN-RECONNECTION": "false"})
        assert await members(client) == left
        assert "says false" in (await client.violations())[0]


async def test_true_is_wrong_for_who_was_never_there_and_for_who_was_away_too_long(simulated):
    async with simulated(presence_s=0.2) as client:
        await client.sign_in()
        await client.open_push(**{"X-PSN-RECONNECTION": "true"})
        assert len(await client.violations()) == 1
        await client.control("drop-push", {})
        await client.until(lambda state: state["push"] == [])
        await client.close()
        await asyncio.sleep(0.4)
        await client.open_push(**{"X-PSN-RECONNECTION": "true"})
        assert "0.2 s" in (await client.violations())[1]


@pytest.mark.parametrize("way", ["lost", "kept"])
async def test_what_comes_while_a_member_is_away_is_lost_or_kept(simulated, way):
    async with simulated(ways={"push.while-away": way}) as client:
        await (await client.sign_in()).open_push()
        await client.join()
        await client.control("drop-push", {})
        await client.until(lambda state: state["push"] == [])
        await client.close()
        visitor = await (await client.another("900", "Visitor")).open_push()
        await visitor.join()
        client.push.clear()
        await client.open_push(**{"X-PSN-RECONNECTION": "true"})
        await visitor.leave()
        await client.event("members:deleted", accountId="900")
        seen = [frame["dataType"].rpartition(":ps:")[2] for frame in client.push if "contexts" in frame]
        assert seen == (["members:created"] if way == "kept" else [])
        await visitor.close()
