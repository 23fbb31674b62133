from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp
import pytest

from simulator.app import serving
from simulator.world import Options
from tests.simulator.client import BO, Client


@pytest.fixture
def simulated() -> Callable[..., AbstractAsyncContextManager[Client]]:
    """Serve with these options and give the demo account's client (not signed in)."""

    @asynccontextmanager
    async def start(*, consoles: int = 1, **options: object) -> AsyncIterator[Client]:
        async with (
            serving(Options(**options), consoles=consoles) as running,
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        ):
            client = Client(http, running.info)
            try:
                yield client
            finally:
                await client.close()

    return start


@pytest.fixture
async def client(simulated) -> AsyncIterator[Client]:
    """The demo account's client, signed in, with an open push channel."""
    async with simulated() as found:
        await found.sign_in()
        yield await found.open_push()


@pytest.fixture
async def bo(client: Client) -> AsyncIterator[Client]:
    """Another person's client, signed in, with an open push channel."""
    other = await (await client.another(*BO)).open_push()
    yield other
    await other.close()
