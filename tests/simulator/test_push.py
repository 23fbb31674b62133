from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from tests.simulator.client import PATIENCE_S


async def closed(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    """Read until the server closes; return its code."""
    async with asyncio.timeout(PATIENCE_S):
        async for _ in socket:
            pass
    return socket.close_code


async def until(client, condition) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition(await client.control("state")):
            await asyncio.sleep(0.02)


async def test_serveraddr_says_where_and_how_often(simulated, wire):
    async with simulated() as client:
        await client.sign_in()
        idle, voice = (await client.serveraddr(kind=6)).body, (await client.serveraddr("2.1", 3)).body
        known = json.loads(wire("serveraddr.response.json"))
        assert idle["keepAliveStatus"].keys() == known["keepAliveStatus"].keys()
        assert idle["keepAliveStatus"]["clientKeepAliveInterval"] == 60_000
        assert voice["keepAliveStatus"]["clientKeepAliveInterval"] == 10_000
        assert (await client.serveraddr("4.0")).status == 400


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"subprotocols": ()}, 400),
        ({"Authorization": "Bearer x"}, 401),
        ({"X-PSN-APP-TYPE": ""}, 400),
        ({"X-PSN-RECONNECTION": "maybe"}, 400),
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


async def test_protocol_3_is_open_once_the_first_frame_has_authorised_it(simulated):
    async with simulated() as client:
        await client.sign_in()
        socket = await client.connect("3.0")
        await until(client, lambda state: [one["authorised"] for one in state["push"]] == [False])
        await socket.send_json(client.authorising())
        await until(client, lambda state: [one["authorised"] for one in state["push"]] == [True])
        assert (await client.join()).status == 201


@pytest.mark.parametrize(
    "frame",
    [
        {"method": 3001},
        {"accountId": "5012345678901234567"},
        {"accountId": 1},
        {"auth": {"accessToken": "x"}},
        {"status": "idle"},
        {"version": "2.1"},
    ],
)
async def test_another_first_frame_ends_the_connection(simulated, frame):
    async with simulated() as client:
        await client.sign_in()
        socket = await client.connect("3.0")
        await socket.send_json(client.authorising(**frame))
        assert await closed(socket) == 4101
        assert len(await client.violations()) == 1


async def test_protocol_2_1_needs_no_first_frame(simulated):
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


async def test_a_client_that_stops_pinging_is_cut_off(simulated):
    async with simulated(keep_alive_s=0.4) as client:
        await client.sign_in()
        socket = await client.connect("2.1")
        assert await closed(socket) == 4101
        assert "no ping for 0.6 s" in (await client.violations())[0]


async def test_a_client_that_pings_stays(simulated):
    async with simulated(keep_alive_s=0.6) as client:
        await client.sign_in()
        socket = await client.connect("2.1")
        reading = asyncio.create_task(closed(socket))
        for _ in range(12):
            await socket.ping()
            done, _ = await asyncio.wait({reading}, timeout=0.15)
            assert not done
        await socket.close()
        await reading
        assert await client.violations() == []


async def test_a_member_whose_push_is_gone_is_dropped_after_the_presence_timeout(simulated):
    async with simulated(presence_s=0.5) as client:
        await (await client.sign_in()).open_push()
        await client.join()
        await client.close()
        await until(client, lambda state: len(state["parties"][0]["members"]) == 1)


async def test_a_member_who_reconnects_in_time_stays(simulated):
    async with simulated(presence_s=60.0) as client:
        await (await client.sign_in()).open_push()
        await client.join()
        await client.control("drop-push", {"code": 4101})
        await until(client, lambda state: state["push"] == [])
        await client.close()
        await client.open_push()
        await until(client, lambda state: [one["authorised"] for one in state["push"]] == [True])
        assert len((await client.party())["members"]) == 2
        assert (await client.leave()).status == 204


async def test_a_kicked_member_is_told(client):
    await client.join()
    await client.control("kick", {"accountId": client.account_id})
    told = await client.event("members:deleted")
    assert [member["accountId"] for member in told["body"]["data"]["members"]] == [client.account_id]
    assert len((await client.control("state"))["parties"][0]["members"]) == 1


async def test_the_control_host_takes_no_calls_from_web_pages(client):
    strange = await client.raw("GET", f"{client.info.control_url}/state", headers={"Origin": "https://evil.example"})
    assert strange.status == 403
