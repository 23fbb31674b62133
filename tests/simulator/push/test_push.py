from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from tests.simulator.client import PATIENCE_S
from tests.support.waiting import until


async def closed(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    """Read until the server closes; return its code."""
    async with asyncio.timeout(PATIENCE_S):
        async for _ in socket:
            pass
    return socket.close_code


async def test_serveraddr_says_where_and_how_often(simulated, wire):
    async with simulated() as client:
        await client.sign_in()
        idle, voice = (await client.serveraddr(kind=6)).body, (await client.serveraddr("2.1", 3)).body
        known = json.loads(wire("serveraddr.response.json"))
        assert {**idle, "fqdn": known["fqdn"]} == known
        assert voice["keepAliveStatus"]["clientKeepAliveInterval"] == 10_000
        assert voice["keepAliveStatus"]["clientKeepAliveTimeout"] == 20_000
        assert (await client.serveraddr("4.0")).status == 400


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"subprotocols": ()}, 400),
        ({"Authorization": "Bearer x"}, 401),
        ({"X-PSN-APP-TYPE": ""}, 400),
        ({"X-PSN-RECONNECTION": "maybe"}, 400),
        ({"X-PSN-KEEP-ALIVE-STATUS-TYPE": "3"}, 400),
        ({"protocol": "2.1", "X-PSN-KEEP-ALIVE-STATUS-TYPE": "6"}, 400),
        ({"protocol": "1.0"}, 400),
    ],
)
async def test_the_socket_opens_for_those_who_ask_properly(simulated, more, status):
    async with simulated() as client:
        await client.sign_in()
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await client.connect(**more)
        assert caught.value.status == status
        assert len(await client.violations()) == 1


async def test_the_upgrades_answer_tells_the_retry_interval_in_seconds(simulated):
    async with simulated() as client:
        await client.sign_in()
        headers = (await client.connect())._response.headers
        assert (headers["X-PSN-RETRY-INTERVAL-MIN"], headers["X-PSN-RETRY-INTERVAL-MAX"]) == ("120", "180")


# --- 1003 --------------------------------------------------------------------------------------------


async def test_protocol_3_is_open_once_the_first_frame_has_authorised_it(simulated, wire):
    async with simulated() as client:
        await client.sign_in()
        socket = await client.connect("3.0")
        await client.until(lambda state: [one["authorised"] for one in state["push"]] == [False])
        assert await client.told(socket, client.authorising()) == json.loads(wire("push-auth.response.json"))
        await client.until(lambda state: [one["authorised"] for one in state["push"]] == [True])
        assert await client.violations() == []


@pytest.mark.parametrize(
    "frame",
    [{"accountId": "5012345678901234567"}, {"accountId": 1}, {"auth": {"accessToken": "x"}}, {"status": "idle"}],
)
async def test_a_first_frame_that_is_wrong_is_refused_and_ends_the_connection(simulated, frame):
    async with simulated() as client:
        await client.sign_in()
        socket = await client.connect("3.0")
        answer = await client.told(socket, client.authorising(**frame))
        assert (answer["method"], answer["tranId"]) == (1003, "12")
        assert answer["returnCode"] != 0
        assert await closed(socket) == 65535
        assert len(await client.violations()) == 1


@pytest.mark.parametrize(
    "frame", [{"method": 3001}, {"method": 1007}, {"version": "2.1"}, {"tranId": ""}, {"tranId": "1" * 61}]
)
async def test_another_first_frame_ends_the_connection(simulated, frame):
    async with simulated() as client:
        await client.sign_in()
        socket = await client.connect("3.0")
        await socket.send_json(client.authorising(**frame))
        assert await closed(socket) == 65535
        assert len(await client.violations()) == 1


async def test_a_second_authorising_frame_breaks_a_rule(client):
    await client.socket.send_json(client.authorising())
    await until_violated(client, "1003 came twice")
    assert not client.socket.closed


async def until_violated(client, words: str) -> None:
    async def so() -> bool:
        return any(words in one for one in await client.violations())

    await until(so, f"it is blamed: {words}")


@pytest.mark.parametrize("way", ["closes", "stays"])
async def test_a_refusal_on_demand_says_when_to_come_again(simulated, way):
    async with simulated(ways={"push.authorise-refused": way}) as client:
        await client.control("scenario", {"name": "push-auth-refused"})
        await client.sign_in()
        socket = await client.connect()
        answer = await client.told(socket, client.authorising())
        assert answer["returnCode"] != 0
        assert answer["retryInterval"] == 5
        assert await client.violations() == []
        assert (await client.join()).status == 404
        await closed(socket)  # at once, or when no other 1003 comes


async def test_the_first_frame_may_stay_without_an_answer(simulated):
    async with simulated(ways={"push.authorise": "unanswered"}) as client:
        await client.sign_in()
        client.socket = socket = await client.connect()
        await socket.send_json(client.authorising())
        assert (await client.told(socket, client.status()))["returnCode"] == 0
        assert (await client.join()).status == 201


async def test_protocol_2_1_needs_no_first_frame_and_no_1007(simulated):
    async with simulated() as client:
        await client.sign_in()
        client.socket = await client.connect("2.1")
        assert (await client.join()).status == 201
        assert await client.violations() == []


async def test_protocol_3_can_be_refused(simulated):
    async with simulated(push_versions=("2.1",)) as client:
        await client.sign_in()
        assert (await client.serveraddr("3.0")).status == 400
        assert (await client.serveraddr("2.1")).status == 200
        assert await client.violations() == []


# --- 1007 --------------------------------------------------------------------------------------------


async def test_1007_is_answered_with_its_types_own_keep_alive(simulated, wire):
    async with simulated() as client:
        await client.sign_in()
        await client.open_push(kind=6)
        client._reader.cancel()
        await asyncio.gather(client._reader, return_exceptions=True)
        client._reader = None
        answer = await client.told(client.socket, client.status())
        assert answer == json.loads(wire("push-status.response.json"))
        idle = await client.told(client.socket, client.status(6))
        assert idle["keepAliveStatus"]["clientKeepAliveInterval"] == 60_000
        refused = await client.told(client.socket, client.status(9))
        assert refused["returnCode"] != 0
        assert "keepAliveStatus" not in refused
        assert len(await client.violations()) == 1
        await client.control("scenario", {"name": "push-status-refused"})
        assert (await client.told(client.socket, client.status(3)))["returnCode"] != 0
        assert (await client.told(client.socket, client.status(6)))["returnCode"] == 0
        assert len(await client.violations()) == 1


@pytest.mark.parametrize(("way", "status"), [("demanded", 403), ("not-demanded", 201)])
async def test_a_join_wants_voice_chat_on_the_channel_first(simulated, way, status):
    async with simulated(ways={"push.voice-chat-first": way}) as client:
        await (await client.sign_in()).open_push(kind=6)
        assert (await client.join()).status == status
        assert len(await client.violations()) == (status == 403)


async def test_the_client_is_held_to_the_type_that_it_asked_for(simulated):
    async with simulated(keep_alive_s=0.2) as client:
        await (await client.sign_in()).open_push(kind=3)
        await client._reader
        assert client.socket.close_code == 65535
        assert "no ping for 0.6 s" in (await client.violations())[0]


# --- keep-alive and ends -----------------------------------------------------------------------------


async def test_a_client_that_stops_pinging_is_cut_off(simulated):
    async with simulated(keep_alive_s=0.4) as client:
        await client.sign_in()
        socket = await client.connect("2.1")
        assert await closed(socket) == 65535
        assert "no ping for 1.2 s" in (await client.violations())[0]


async def test_a_client_that_pings_stays_and_says_how_it_ends(simulated):
    async with simulated(keep_alive_s=1.5) as client:  # ten times the pings' interval: this machine may be busy
        await client.sign_in()
        for code, pings, violations in ((4101, 12, 0), (4100, 1, 0), (1000, 1, 1)):
            socket = await client.connect("2.1", **{"X-PSN-RECONNECTION": "true" if code != 4101 else "false"})
            reading = asyncio.create_task(closed(socket))
            for _ in range(pings):
                await socket.ping()
                done, _ = await asyncio.wait({reading}, timeout=0.15)
                assert not done
            await socket.close(code=code)
            await reading
            await client.until(lambda state: state["push"] == [])
            assert len(await client.violations()) == violations


# --- coming back -------------------------------------------------------------------------------------


async def test_numbers_begin_with_1_again_after_another_join(client):
    await client.join()
    assert (await client.event("members:created"))["contexts"][0]["sequenceNumber"] == 1
    await client.leave()
    client.push.clear()
    await client.join()
    assert (await client.event("members:created"))["contexts"][0]["sequenceNumber"] == 1


async def test_a_kicked_member_is_told(client):
    await client.join()
    await client.control("kick", {"accountId": client.account_id})
    told = await client.event("members:deleted")
    assert [member["accountId"] for member in told["body"]["data"]["members"]] == [client.account_id]
    assert len((await client.control("state"))["parties"][0]["members"]) == 1


async def test_the_control_host_takes_no_calls_from_web_pages(client):
    strange = await client.raw("GET", f"{client.info.control_url}/state", headers={"Origin": "https://evil.example"})
    assert strange.status == 403
