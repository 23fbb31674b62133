"""customData3 at the simulator: who tells it, whom it names, and who is blamed."""

from __future__ import annotations

import base64

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simulator.parties import custom_data3
from simulator.parties.naming_check import TOLD_WITHIN_S, NamingCheck, others
from simulator.parties.party import Device, SimulatedMember, SimulatedParty
from tests.simulator.client import NOVA, V2
from tests.support.waiting import until
from workers.session.member.own_entry.schedule import PublishSchedule


@pytest.mark.parametrize(
    ("named", "wrong"),
    [
        ((NOVA,), ""),
        ((NOVA, "5012345678901234567"), "names oneself"),
        ((NOVA, "999"), "names 1 who are not in the party"),
    ],
)
async def test_custom_data3_names_the_others_and_nobody_else(client, named, wrong):
    await client.join()
    assert (await client.name(*named)).status == 204
    assert [wrong in reason for reason in await client.violations()] == ([True] if wrong else [])


async def test_custom_data3_is_not_told_alone_and_not_by_halves(client, bo):
    session_id = await client.create(joinableUserType="FRIENDS", visibilityType="FRIENDS_ONLY")
    await client.name(session_id=session_id)
    path = f"{V2}/partySessions/{session_id}/members/me"
    await client.call("PATCH", path, {"customData3": "eA=="})
    assert ["alone" in reason or "lines of 21" in reason for reason in await client.violations()] == [True, True]


async def test_who_does_not_tell_it_in_time_is_blamed_once(client):
    await client.join()
    await until(client.violations, "it is blamed", every_s=0.05)
    assert [reason.endswith("has not told customData3 for 5 s") for reason in await client.violations()] == [True]


async def test_consoles_name_who_came(client):
    await client.join()
    event = await client.event("m:customData3:updated")
    told = base64.b64decode(event["body"]["data"]["members"][0]["customData3"]).decode()
    assert told == f"{client.info.session_id}\n{client.account_id.rjust(21, '0')}\n"


async def test_a_console_may_wait_until_it_is_named(client):
    await client.way("consoles.named-in-custom-data3", "required")
    await client.control("policy", {"peer": f"{NOVA}.PS5", "policy": "offer"})
    await client.join()
    await client.event("m:customData3:updated")
    assert not any("customMessage" in frame["dataType"] for frame in client.push)
    await client.name(NOVA)
    await client.event("customMessage:noSeq:created", accountId=NOVA)


SESSION_ID = "0f0e0d0c-0b0a-4908-8706-050403020100"
US = "1000"


def a_party(*account_ids: str) -> SimulatedParty:
    party = SimulatedParty(SESSION_ID, "", "", "FRIENDS_ONLY", "FRIENDS", 16, 0)
    for account_id in account_ids:
        come(party, account_id)
    return party


def come(party: SimulatedParty, account_id: str) -> None:
    party.joined += 1
    device = Device(account_id, account_id, "PS5")
    party.members[device.key] = SimulatedMember(device, party.joined, 0, "")


def blamed(telling: NamingCheck, party: SimulatedParty, now: float) -> list[str]:
    found = telling.due([party], {key for key in party.members if key[0] != US}, now)[1]
    assert len(found) <= 1
    return found


def test_who_cannot_read_the_party_is_not_blamed_for_it() -> None:
    telling, party = NamingCheck(), a_party("1", US)
    assert blamed(telling, party, 0.0) == []
    telling.hinder(4.0)
    assert blamed(telling, party, 4.0 + TOLD_WITHIN_S) == []
    assert len(blamed(telling, party, 4.1 + TOLD_WITHIN_S)) == 1


@example([(5.5, "2")] * 80)  # more than its budget for them bears
@given(st.lists(st.tuples(st.floats(0.0, 20.0), st.sampled_from("23456")), max_size=120))
def test_however_people_come_and_go_our_client_is_not_blamed(steps: list[tuple[float, str]]) -> None:
    """Its own pace for these calls and the rule that it is held to fit together."""
    telling, party, schedule, now = NamingCheck(), a_party("1", US), PublishSchedule(0.0), 0.0
    for wait, account_id in [*steps, (60.0, "1")]:
        until = now + wait
        while now < until:
            now += 0.25
            schedule.set_accounts(others(party, party.members[US, "PS5"]), now)
            if (due := schedule.due_at()) is not None and due <= now:
                told = schedule.record_call(now)
                text = custom_data3.naming(SESSION_ID, told)
                assert telling.wrong_with(party, party.members[US, "PS5"], text, now) == ""
                party.members[US, "PS5"].custom_data3 = text
                schedule.record_accepted(told, now)
            assert blamed(telling, party, now) == []
        if party.members.pop((account_id, "PS5"), None) is None:
            come(party, account_id)
        else:
            telling.left(SESSION_ID, account_id, now)


async def test_a_device_that_nobody_plays_is_told_for(client):
    await client.join()
    await client.name(NOVA)
    session_id = client.info.session_id
    await client.control("enter", {"accountId": client.account_id, "platform": "PS5", "sessionId": session_id})
    event = await client.event("m:customData3:updated", accountId=client.account_id, platform="PS5")
    told = custom_data3.read(event["body"]["data"]["members"][0]["customData3"])
    assert told == (session_id, [NOVA, client.account_id])
