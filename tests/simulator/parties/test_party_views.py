"""What the simulator shows of parties."""

from __future__ import annotations

import json

from tests.simulator.client import BO, LINK_ID, NOVA
from tests.simulator.messages import shape


async def test_the_view_is_shaped_as_the_sample(client, bo, wire):
    """`customData3` is left out where a member never told it, as of the sample's last member."""
    sample = json.loads(wire("view.response.json"))["v2PartySessions"][0]
    await client.join()
    await bo.join()
    await bo.name(client.account_id, NOVA)
    party = await client.party()
    assert shape({**party, "members": []}) == shape({**sample, "members": []})
    told, untold = shape(sample["members"][0]), shape(sample["members"][2])
    assert [shape(member) for member in party["members"]] in ([told, untold, told], [untold, untold, told])
    assert [member["joinOrder"] for member in party["members"]] == [1, 2, 3]
    assert (party["joinableUserType"], party["visibilityType"]) == ("FRIENDS", "FRIENDS_ONLY")


async def test_the_view_answers_each_way_that_is_not_settled(client):
    await client.join()
    await client.way("party.view-timestamp", "number")
    assert isinstance((await client.party())["members"][0]["joinTimestamp"], int)
    await client.way("party.view-key", "partySessions")
    assert (await client.view()).body.keys() == {"partySessions"}
    assert (await client.view(version="v2")).status == 200
    assert (await client.view(version="v1")).status == 400


async def test_a_view_carries_the_link_that_led_there_and_no_other(client):
    link = client.info.party_link.rsplit("/", 1)[1]
    await client.join(**{LINK_ID: link})
    assert (await client.view(**{LINK_ID: link})).status == 200
    assert (await client.view()).status == 200
    await client.way("party.view-cpss-missing", "refused")
    assert (await client.view()).status == 400
    assert (await client.view(**{LINK_ID: "js_A1b2C3d4E5f6G7h8I9j0"})).status == 400
    assert len(await client.violations()) == 2


async def test_parties_of_groups_are_listed_for_their_people(client, bo):
    session_id = await bo.create()
    path = "/api/gamingLoungeGroups/v1/members/me/groups/openPartySessions"
    assert (await client.call("GET", path)).body == {"openPartySessions": []}
    group = f"~{int(client.account_id):016x}.{int(BO[0]):016x}"
    await client.control("party", {"sessionId": session_id, "groupId": group})
    (flat,) = (await client.call("GET", path)).body["openPartySessions"]
    assert (flat["groupId"], flat["sessionId"]) == (group, session_id)
    await client.way("party.open-parties-entry", "nested")
    (nested,) = (await client.call("GET", path)).body["openPartySessions"]
    assert nested["partySession"]["sessionId"] == session_id
