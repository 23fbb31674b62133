"""What the control API does to parties."""

from __future__ import annotations

from tests.simulator.client import V2, Client


async def test_the_host_is_who_takes_a_member_out(client):
    await client.join()
    await client.control("kick", {"accountId": client.account_id})
    event = await client.event("members:deleted")
    assert event["body"]["data"]["members"][0]["accountId"] == client.account_id
    assert event["body"]["data"]["customProperties"]["from"]["onlineId"] == "NovaKite"


async def test_a_party_ends_for_everybody_in_it_and_consoles_hang_up(client, bo):
    await client.join()
    await bo.join()
    await client.control("end-party", {"sessionId": client.info.session_id, "cause": "ODD"})
    for one in (client, bo):
        event = await one.event("outside:v2:partySession:deleted")
        assert event["body"]["data"]["customProperties"]["deletedEvenCause"] == "ODD"
    await client.until(lambda state: not state["consoles"][0]["inParty"])
    assert (await client.join()).status == 404
    assert await client.violations() == []


async def test_a_party_can_be_made_full_and_closed(client: Client, bo: Client) -> None:
    session_id = client.info.session_id
    await client.control("party", {"sessionId": session_id, "maxMembers": 1})
    assert (await bo.join()).status == 403
    await client.control("party", {"sessionId": session_id, "maxMembers": 16, "joinableUserType": "INVITE_ONLY"})
    assert (await bo.join()).status == 403


async def test_invitations_may_be_listed_nowhere(client: Client, bo: Client) -> None:
    session_id = await bo.create()
    body = {"invitationType": "NORMAL", "invitations": [{"to": {"accountId": client.account_id}}]}
    assert (await bo.call("POST", f"{V2}/partySessions/{session_id}/invitations", body)).status == 201
    path = f"{V2}/users/me/partySessionsInvitations"
    assert (await client.call("GET", path)).body == {"invitations": [{"sessionId": session_id}]}
    await client.control("invitations", {"listed": False})
    assert (await client.call("GET", path)).body == {"invitations": []}
