"""A signed-in pipeline up to session, against a simulator that it takes for the real network, and other people."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from common.files.paths import CHECKOUT
from common.messages import AuthState, PartyState
from common.psn.http.endpoints import SimulatorInfo
from common.requests import SignIn
from tests.common.psn.rig import Rig, real, rig
from tests.simulator.client import Client
from tests.support.processes import run_module

PING_S = 5.0
CLI_S = 90.0
BO = ("2345678901234567890", "Bo-Streams")


class Realm:
    def __init__(self, made: Rig, env: dict[str, str], stack: AsyncExitStack) -> None:
        self.rig = made
        self.env = env
        self.info = made.info()
        self._stack = stack

    async def ask(self, request: Any, wait_s: float = 60.0) -> Any:
        return await self.rig.bus.request(request, wait_s)

    async def control(self, what: str, body: dict[str, Any] | None = None) -> Any:
        return await self.rig.control(what, body)

    async def cli(self, *words: str) -> tuple[int, str, str]:
        """Run `partyline` to its end; return exit code, standard output and standard error."""
        done = await asyncio.to_thread(lambda: run_module("cli", *words, env=self._environment(), within_s=CLI_S))
        return done.returncode, done.stdout, done.stderr

    def _environment(self) -> dict[str, str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("PARTYLINE_", "SUPERVISOR_"))}
        return {**clean, **self.env, "PARTYLINE_HOME": str(self.rig.home), "PARTYLINE_CONF": "/nowhere.conf"}

    async def start_cli(self, *words: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "cli", *words),
            cwd=CHECKOUT,
            env=self._environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def person(self, who: tuple[str, str] = BO) -> Client:
        """Return another account's client, signed in, with its push channel open."""
        http = await self._stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        info = msgspec.convert(self.info, SimulatorInfo)
        client = await (await Client(http, info).another(*who)).open_push()
        self._stack.push_async_callback(client.close)
        pinging = asyncio.create_task(_ping(client))
        self._stack.callback(pinging.cancel)
        return client

    async def phone(self) -> Client:
        """Return our own account's phone: the same member as we are, for the server."""
        http = await self._stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        client = await Client(http, msgspec.convert(self.info, SimulatorInfo)).sign_in()
        self._stack.push_async_callback(client.close)
        return client

    async def way(self, fact: str, way: str) -> None:
        await self.control("ways", {"name": fact, "way": way})

    async def count(self, method: str, end: str) -> int:
        """Return how many calls of that method were made to a path with that end."""
        calls = await self.rig.calls()
        return sum(call.startswith(f"{method} ") and call.endswith(end) for call in calls)

    async def state(self, what: str, **wanted: Any) -> PartyState:
        """Wait for a `PartyState` with these fields."""

        def fits() -> PartyState | None:
            now = self.rig.now(PartyState)
            return now if now and all(getattr(now, key) == value for key, value in wanted.items()) else None

        found = await self.rig.until(fits, what)
        assert found
        return found

    async def account(self) -> AuthState:
        """Wait until auth knows whose account it is, which it asks for after the sign-in. Return that."""

        def known() -> AuthState | None:
            now = self.rig.now(AuthState)
            return now if now and now.account_id and now.online_id else None

        found = await self.rig.until(known, "the account has a name")
        assert found
        return found

    @property
    def me(self) -> str:
        """Our own account id."""
        found = self.rig.now(PartyState)
        return found.me.partition(".")[0] if found else ""

    async def party(self, session_id: str) -> dict[str, Any] | None:
        """Return a party as the server holds it."""
        parties = (await self.control("state"))["parties"]
        return next((party for party in parties if party["sessionId"] == session_id), None)


async def _ping(client: Client) -> None:
    """Keep a client's push channel, as an app does: the server cuts off whoever is silent."""
    while client.socket is not None and not client.socket.closed:
        await client.socket.ping()
        await asyncio.sleep(PING_S)


@asynccontextmanager
async def realm(home: Path, *simulator: str, **settings: str) -> AsyncIterator[Realm]:
    """`simulator`: more arguments for it; `settings`: environment of the workers."""
    async with rig(home) as made, AsyncExitStack() as stack:
        made.up("broker")
        made.up("simulator", more=simulator)
        await made.until(made.paths.simulator_file.exists, "the server is up")
        env = {**real(made), **settings}
        made.up("auth", "signaling", "session", env=env)
        await made.bus.request(SignIn(pasted=made.info()["npsso"]), 60)
        yield Realm(made, env, stack)
