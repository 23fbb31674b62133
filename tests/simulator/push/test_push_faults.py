"""Faults of the push channel: slow pongs, dead, silent and short-lived channels, a lost event."""

from __future__ import annotations

import asyncio

import aiohttp

from tests.simulator.client import PATIENCE_S


async def closed(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    """Read until the server closes; return its code."""
    async with asyncio.timeout(PATIENCE_S):
        async for _ in socket:
            pass
    return socket.close_code


async def test_pongs_may_come_late(simulated):
    async with simulated(keep_alive_s=0.6) as client:
        await client.sign_in()
        await client.control("scenario", {"name": "pongs-late"})
        socket = await client.connect("2.1", autoping=False)
        began = asyncio.get_running_loop().time()
        await socket.ping()
        assert (await socket.receive(PATIENCE_S)).type is aiohttp.WSMsgType.PONG
        assert asyncio.get_running_loop().time() - began >= 0.9  # of 1.2 s
        await socket.close(code=4101)


async def test_a_half_open_channel_is_told_to_nobody(simulated):
    async with simulated(keep_alive_s=0.1, presence_s=0.3) as client:
        await (await client.sign_in()).open_push()
        await client.join()
        await client.control("scenario", {"name": "push-half-open"})
        await client.socket.ping()
        await client.until(lambda state: state["push"] == [])
        assert not client.socket.closed
        await client.until(lambda state: len(state["parties"][0]["members"]) == 1)
        assert await client.violations() == []


async def test_a_silent_server_says_nothing_at_all(simulated):
    async with simulated() as client:
        await client.sign_in()
        await client.control("scenario", {"name": "push-silent"})
        socket = await client.connect()
        await socket.send_json(client.authorising())
        await client.until(lambda state: [one["authorised"] for one in state["push"]] == [True])
        await client.control("scenario", {"name": "calm"})
        assert (await client.told(socket, client.status()))["returnCode"] == 0  # nothing came before it
        await socket.close(code=4101)


async def reset(client) -> bool:
    """Open a channel, and tell whether it broke without a close code."""
    try:
        socket = await client.connect()
        await socket.send_json(client.authorising())
        return await closed(socket) in (None, 1006)
    except aiohttp.ClientError:
        return True


async def test_channels_can_be_reset_or_short_lived(simulated):
    async with simulated() as client:
        await client.sign_in()
        await client.control("scenario", {"name": "push-reset"})
        assert await reset(client)
        await client.control("scenario", {"name": "push-lives-6s"})
        await client.open_push()
        await client._reader
        assert client.socket.close_code == 65535


async def test_one_event_can_be_lost_for_good(client):
    await client.join()
    visitor = await (await client.another("900", "Visitor")).open_push()
    await client.control("scenario", {"name": "event-lost"})
    await visitor.join()
    await visitor.leave()
    last = await client.event("members:deleted", accountId="900")
    numbers = [one["contexts"][0]["sequenceNumber"] for one in client.push if "contexts" in one]
    assert [*numbers, last["contexts"][0]["sequenceNumber"]] == [1, 3]
    await visitor.close()
