from __future__ import annotations

import json
import uuid

import pytest

from tests.simulator.client import BO, CREATE, JOIN, LANGUAGE, LINK_ID, V2
from tests.simulator.messages import shape


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": None}, 401),
        ({"Authorization": "Bearer eyJub3RoaW5n.e30.x"}, 401),
        ({"x-psn-request-id": None}, 400),
        ({"x-psn-request-id": "12"}, 400),
        ({"Content-Type": "text/plain"}, 400),
        ({"Content-Type": None}, 400),
    ],
)
async def test_a_call_without_its_headers_is_refused_in_sonysshape(client, headers, status, wire):
    answer = await client.call(
        "POST", f"{V2}/sys/gameBase/parties/bulkGet?limit=11", {"groupInvitedPartySessions": []}, headers
    )
    assert answer.status == status
    assert answer.body["error"].keys() == json.loads(wire("error.response.json"))["error"].keys()
    assert len(await client.violations()) == 1


async def test_a_request_id_counts_once(client):
    same = {"x-psn-request-id": str(uuid.uuid4())}
    path = f"{V2}/users/me/partySessionsInvitations"
    assert (await client.call("GET", path, headers=same)).body == {"invitations": []}
    assert (await client.call("GET", path, headers=same)).status == 400
    assert await client.violations() == ["x-psn-request-id was used before"]


async def test_create_and_join_need_an_open_push_channel(simulated):
    async with simulated() as client:
        await client.sign_in()
        assert (await client.join()).status == 404
        assert (await client.call("POST", f"{V2}/partySessions", CREATE, LANGUAGE)).status == 404


async def test_a_member_sees_the_party_and_hears_of_its_own_coming(client):
    assert (await client.join()).status == 201
    event = await client.event("v2:ps:members:created", accountId=client.account_id)
    assert event["contexts"][0]["contextId"] == JOIN["members"][0]["pushContexts"][0]["contextId"]
    party = await client.party()
    assert {member["accountId"] for member in party["members"]} >= {client.account_id}
    assert len(party["members"]) == 2
    listed = await client.call("POST", f"{V2}/sys/gameBase/parties/bulkGet?limit=11", {"groupInvitedPartySessions": []})
    assert [one["sessionId"] for one in listed.body["parties"]] == [client.info.session_id]
    assert await client.violations() == []


@pytest.mark.parametrize(("way", "status"), [("409", 409), ("keeps-entry", 201)])
async def test_joining_again_makes_no_double(client, way, status):
    await client.way("party.join-again", way)
    assert (await client.join()).status == 201
    assert (await client.join()).status == status
    members = (await client.party())["members"]
    assert [m["accountId"] for m in members].count(client.account_id) == 1
    if status == 201:
        await client.event("members:updated", accountId=client.account_id)
    assert await client.violations() == []


async def test_join_orders_are_in_the_answers_and_grow(client, bo):
    first = await client.call("POST", f"{V2}/partySessions", CREATE, LANGUAGE)
    assert first.body["v2PartySessions"][0]["members"][0]["joinOrder"] == 1
    joined = await bo.join()
    assert joined.body["members"][0]["joinOrder"] == 2
    await bo.leave()
    assert (await bo.join()).body["members"][0]["joinOrder"] == 3


async def test_there_is_no_anyone(client):
    for field in ("joinableUserType", "visibilityType"):
        for value in ("ANYONE", "FRIENDS" if field == "visibilityType" else "FRIENDS_ONLY"):
            body = {"v2PartySessions": [{**CREATE["v2PartySessions"][0], field: value}]}
            assert (await client.call("POST", f"{V2}/partySessions", body, LANGUAGE)).status == 400
    session_id = await client.create(joinableUserType="FRIENDS", visibilityType="FRIENDS_ONLY")
    path = f"{V2}/partySessions/{session_id}"
    assert (await client.call("PATCH", path, {"joinableUserType": "ANYONE"})).status == 400


async def test_an_account_may_be_in_a_party_by_phone_and_by_console(client, bo):
    session_id = await bo.create()
    me = {"sessionId": session_id, "accountId": client.account_id, "platform": "PS5"}
    await client.control("enter", me)
    assert (await client.join(session_id)).status == 201  # invite-only, but the own console is in it
    assert [member["platform"] for member in (await client.party(session_id))["members"]] == [
        "MOBILE_APP", "PS5", "MOBILE_APP",
    ]  # fmt: skip
    assert (await client.leave(session_id)).status == 204
    assert len((await bo.party(session_id))["members"]) == 2


async def test_the_owner_takes_somebody_out_and_everybody_hears_why(client, bo):
    session_id = await client.create(joinableUserType="FRIENDS", visibilityType="FRIENDS_ONLY")
    await bo.join(session_id)
    path = f"{V2}/partySessions/{session_id}/members/"
    assert (await bo.call("DELETE", path + client.account_id)).status == 403
    assert (await client.call("DELETE", path + "1")).status == 404
    assert (await client.call("DELETE", path + BO[0])).status == 204
    for one in (client, bo):
        event = await one.event("members:deleted", accountId=client.account_id)
        (entry,) = event["body"]["data"]["members"]
        assert (entry["accountId"], entry["customProperties"]) == (BO[0], {"leftEventCause": "KICKED_OUT"})
    assert (await bo.leave(session_id)).body["error"]["code"] == 2233351


async def test_the_crown_goes_to_who_was_there_longest(client, bo):
    session_id = await client.create(joinableUserType="FRIENDS", visibilityType="FRIENDS_ONLY")
    await bo.join(session_id)
    await client.leave(session_id)
    owner = (await bo.event("owner:updated"))["body"]["data"]["owner"]
    assert owner.keys() == {"accountId", "onlineId", "platform", "deviceUniqueId"}
    assert owner["accountId"] == BO[0]


@pytest.mark.parametrize(
    ("way", "status", "code"),
    [("403 2281601", 403, 2281601), ("403 2233400", 403, 2233400), ("400 2265300", 400, 2265300)],
)
async def test_unverified_accounts_of_two_countries_and_children_are_kept_out(client, way, status, code):
    await client.way("account.age-code", way)
    for number, (more, kept_out) in enumerate(
        [({"country": "GB", "verified": False}, True), ({"country": "IE"}, False), ({"child": True}, True)]
    ):
        other = await (await client.another(f"77{number}", f"Aged-{number}", **more)).open_push()
        joined = await other.join()
        assert (joined.status, joined.body.get("error", {}).get("code")) == (
            (status, code) if kept_out else (201, None)
        )
        made = await other.call("POST", f"{V2}/partySessions", CREATE, LANGUAGE)
        assert made.status == (status if kept_out else 409)
        await other.close()


async def test_a_voice_chat_that_is_switched_is_told(client, bo):
    await client.join()
    await bo.join()
    await client.control("voice-chat", {"accountId": BO[0], "on": False})
    event = await client.event("m:voiceChatActivated:updated", accountId=BO[0])
    assert event["body"]["data"]["members"][0]["voiceChatActivated"] is False


async def test_a_share_link_leads_to_the_party_and_its_id_must_be_the_right_one(client):
    link = client.info.party_link.rsplit("/", 1)[1]
    url = f"{client.info.web_url}/api/cpss/v1/partyInfo/{link}?country=US&language=en"
    page = {"Origin": "https://party.playstation.com", "Referer": "https://party.playstation.com/"}
    info = await client.raw("GET", url, headers=page)
    assert (info.status, info.body["sessionId"]) == (200, client.info.session_id)
    assert (await client.raw("GET", url)).status == 403
    assert (await client.join(**{LINK_ID: "js_A1b2C3d4E5f6G7h8I9j0"})).status == 400
    assert (await client.join(**{LINK_ID: link})).status == 201


async def test_an_invite_only_party_takes_links_and_the_invited(client, bo):
    session_id = await client.create()
    assert (await bo.join(session_id)).status == 403
    invitation = {"invitationType": "NORMAL", "invitations": [{"to": {"accountId": BO[0]}}], "invitationsToGroups": []}
    assert (await client.call("POST", f"{V2}/partySessions/{session_id}/invitations", invitation)).status == 201
    await bo.event("invitations:created")
    assert (await bo.join(session_id)).status == 201
    assert (await bo.leave(session_id)).status == 204
    party = next(p for p in (await client.control("state"))["parties"] if p["sessionId"] == session_id)
    assert (await bo.join(session_id, **{LINK_ID: party["cpssId"]})).status == 201


async def test_members_hear_of_each_other_in_the_captured_shapes(client, bo, wire):
    await client.join()
    await bo.join()
    created = await client.event("members:created", accountId=BO[0])
    assert shape(created) == shape(json.loads(wire("push-members-created.json")), contexts=True)
    path = f"{V2}/partySessions/{client.info.session_id}/members/me"
    for number in (3, 4):
        assert (await bo.call("PATCH", path, {f"customData{number}": "eA=="})).status == 204
        changed = await client.event(f"customData{number}:updated")
        assert shape(changed) == shape(json.loads(wire(f"push-custom-data{number}.json")), contexts=True)
    assert (await bo.leave()).status == 204
    deleted = await client.event("members:deleted", accountId=BO[0])
    assert shape(deleted) == shape(json.loads(wire("push-members-deleted.json")), contexts=True)


async def test_sequence_numbers_of_a_context_grow_by_one(client, bo):
    await client.join()
    await bo.join()
    await bo.leave()
    numbers = [
        (await client.event(kind))["contexts"][0]["sequenceNumber"] for kind in ("created", "created", "deleted")
    ]
    assert numbers == [1, 2, 3]


async def test_the_last_member_ends_the_party_but_guests_do_not_end_the_demo(client, wire):
    session_id = await client.create()
    created = await client.event("partySession:created")
    assert shape(created) == shape(json.loads(wire("push-party-created.json")), contexts=True)
    await client.leave(session_id)
    ended = await client.event("outside:v2:partySession:deleted")
    assert shape(ended) == shape(json.loads(wire("push-party-deleted.json")), contexts=True)
    await client.join()
    await client.leave()
    assert [p["sessionId"] for p in (await client.control("state"))["parties"]] == [client.info.session_id]


async def test_one_party_at_a_time(client):
    await client.join()
    assert (await client.call("POST", f"{V2}/partySessions", CREATE, LANGUAGE)).status == 409


async def test_only_members_may_change_and_leave(client):
    path = f"{V2}/partySessions/{client.info.session_id}"
    refused = await client.call("PATCH", f"{path}/members/me", {"customData4": "eA=="})
    error = refused.body["error"]
    assert (refused.status, error["code"], error["message"]) == (403, 2233351, "only session members permitted")
    assert (await client.leave()).status == 403
    assert (await client.call("PATCH", path, {"sessionName": "x"}, LANGUAGE)).status == 403
    await client.join()
    assert (await client.call("PATCH", path, {"sessionName": "x"})).status == 400
    assert (await client.call("PATCH", path, {"sessionName": "x"}, LANGUAGE)).status == 204
    assert (await client.event("sessionName:updated"))["body"]["data"]["sessionName"] == "x"


async def test_a_context_id_must_be_a_uuid(client):
    body = {"members": [{**JOIN["members"][0], "pushContexts": [{"contextId": "mine"}]}]}
    assert (await client.call("POST", f"{V2}/partySessions/{client.info.session_id}/members", body)).status == 400


async def test_profiles_and_online_ids_are_found(client):
    base = "/api/userProfile/v1/internal/users"
    many = await client.call("GET", f"{base}/profiles?accountIds={client.account_id},7301928374650192837")
    assert {one["onlineId"] for one in many.body["profiles"]} == {"Quiet-Heron", "NovaKite"}
    one = await client.call("GET", f"{base}/{client.account_id}/profiles")
    assert one.body["onlineId"] == "Quiet-Heron"
    assert [avatar["size"] for avatar in one.body["avatars"]] == ["s", "m", "l", "xl"]
    async with client.http.get(one.body["avatars"][3]["url"]) as picture:
        assert (picture.content_type, (await picture.read())[:4]) == ("image/png", b"\x89PNG")
    url = f"{client.info.profile_url}/userProfile/v1/users/%s/profile2?fields=accountId,onlineId,currentOnlineId"
    bearer = {"Authorization": f"Bearer {client.token['access_token']}"}
    assert (await client.raw("GET", url % "novakite", headers=bearer)).body["profile"][
        "accountId"
    ] == "7301928374650192837"
    nobody = await client.raw("GET", url % "nobody", headers=bearer)
    assert (nobody.status, nobody.body["error"]["code"]) == (404, 2105356)


async def test_unknown_calls_are_noted(client):
    answer = await client.call("GET", "/api/novel/v1/thing")
    assert (answer.status, answer.body["error"]["message"]) == (404, "Resource not found")
    assert len(await client.violations()) == 1
    calls = await client.control("calls")
    assert [call["status"] for call in calls if call["path"].endswith("/thing")] == [404]
