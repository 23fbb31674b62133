"""The connection to Streamer.bot: proves the password, looks whether it knows what is sent, and sends events."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from common.config.integration_tables import StreamerbotSettings
from common.errors import PartylineError
from integrations.streamerbot import bot_requests
from integrations.streamerbot.event_finder import PartyEvent

WAITS_S = (1.0, 2.0, 5.0, 15.0)
"""Waits before Streamer.bot is looked for again, the last one for all further ones. Chosen so that it is found before
its user is ready, and that a day without it costs nothing."""
OPEN_S = 5.0
ANSWER_S = 10.0
"""As its own client waits."""
HELLO_S = 5.0
MOST_WAITING = 100
"""More events than this do not wait. What is so old is of no use to a stream."""
_SETUP = "Run the C# code of notes/integrations/streamerbot.md in Streamer.bot once."


class StreamerbotError(PartylineError):
    """Streamer.bot is away, or refused."""

    code = "streamerbot"


class StreamerbotLink:
    def __init__(self, settings: StreamerbotSettings) -> None:
        self._settings = settings
        self._events: asyncio.Queue[PartyEvent] = asyncio.Queue(MOST_WAITING)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._hello: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._number = 0
        self._is_open = False
        self._told: set[str] = set()
        self._log: structlog.stdlib.BoundLogger = structlog.get_logger("streamerbot")

    def send(self, event: PartyEvent) -> None:
        """Send an event, if Streamer.bot is there. What it missed is not told later."""
        if not self._is_open:
            return
        if self._events.full():
            self._events.get_nowait()
            self._tell("events are lost", "Streamer.bot takes them too slowly.", "See whether it hangs.")
        self._events.put_nowait(event)

    async def run(self) -> None:
        """Go on until cancelled. A Streamer.bot that does not run is waited for."""
        tries = 0
        while True:
            try:
                async with connect(bot_requests.url(self._settings), proxy=None, open_timeout=OPEN_S) as socket:
                    tries = 0
                    await self._keep(socket)
            except StreamerbotError as error:
                self._tell("waits for Streamer.bot", error.message, error.remedy)
            except (OSError, TimeoutError, WebSocketException) as error:
                self._tell(
                    "waits for Streamer.bot",
                    f"Streamer.bot does not answer at {self._settings.host}:{self._settings.port}: {error}.",
                    "Start its server in Servers/Clients → WebSocket Server, and compare address, port and endpoint.",
                )
            await asyncio.sleep(WAITS_S[min(tries, len(WAITS_S) - 1)])
            tries += 1

    # --- one connection ------------------------------------------------------------------------------

    async def _keep(self, socket: ClientConnection) -> None:
        self._hello = asyncio.get_running_loop().create_future()
        hearing = asyncio.create_task(self._hear(socket))
        sending = asyncio.create_task(self._work(socket))
        try:
            done, _ = await asyncio.wait((hearing, sending), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            raise StreamerbotError("Streamer.bot closed the connection.", "It is looked for again.")
        finally:
            self._is_open = False
            for task in (hearing, sending):
                task.cancel()
            await asyncio.gather(hearing, sending, return_exceptions=True)
            while not self._events.empty():
                self._events.get_nowait()

    async def _work(self, socket: ClientConnection) -> None:
        if self._settings.password:
            await self._prove(socket)
        self._is_open = True
        self._told.clear()
        self._log.info("connected to Streamer.bot")
        await self._compare(socket)
        while True:
            event = await self._events.get()
            for kind, fields in bot_requests.requests_of(event, self._settings):
                await self._ask(socket, kind, **fields)

    async def _prove(self, socket: ClientConnection) -> None:
        """Prove the password. Raises `StreamerbotError` if it is refused."""
        try:
            async with asyncio.timeout(HELLO_S):
                hello = await self._hello
        except TimeoutError:
            self._log.info("Streamer.bot asks for no password")
            return
        asked = hello["authentication"]
        proof = bot_requests.authentication(self._settings.password, str(asked["salt"]), str(asked["challenge"]))
        answer = await self._ask(socket, "Authenticate", authentication=proof)
        if answer.get("status") != "ok":
            raise StreamerbotError(
                "Streamer.bot refused the password.",
                "Copy it from Servers/Clients → WebSocket Server into `[streamerbot] password`, then restart this.",
            )

    async def _compare(self, socket: ClientConnection) -> None:
        """Tell which triggers and actions Streamer.bot does not have."""
        if self._settings.triggers:
            lacking = bot_requests.lacking_triggers(await self._ask(socket, "GetCodeTriggers"), self._settings)
            if lacking:
                self._tell("triggers are missing", f"Streamer.bot has no trigger {', '.join(lacking)}.", _SETUP)
        if self._settings.actions:
            lacking = bot_requests.lacking_actions(await self._ask(socket, "GetActions"), self._settings)
            if lacking:
                self._tell(
                    "actions are missing", f"Streamer.bot has no action {', '.join(lacking)}.",
                    "Write it in `[streamerbot.actions]` as in Streamer.bot.",
                )  # fmt: skip

    async def _ask(self, socket: ClientConnection, kind: str, **fields: Any) -> dict[str, Any]:
        """Make a request. Return its answer, also a refusal, which is told once. Raises `StreamerbotError`."""
        self._number += 1
        number = self._number
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            await socket.send(bot_requests.request(kind, number, **fields))
            async with asyncio.timeout(ANSWER_S):
                said: dict[str, Any] = await answer
        except TimeoutError as error:
            raise StreamerbotError(f"Streamer.bot did not answer {kind}.", "See whether it hangs.") from error
        finally:
            self._answers.pop(number, None)
        if said.get("status") == "error" and kind != "Authenticate":
            self._tell(
                "Streamer.bot refused", f"{kind}: {said.get('error', 'no reason given')}.",
                "If it enforces authentication, set `[streamerbot] password`.",
            )  # fmt: skip
        return said

    async def _hear(self, socket: ClientConnection) -> None:
        async for text in socket:
            message = bot_requests.decode(text)
            if message.get("request") == "Hello" and isinstance(message.get("authentication"), dict):
                if not self._hello.done() and {"salt", "challenge"} <= message["authentication"].keys():
                    self._hello.set_result(message)
                continue
            answer = self._answers.get(bot_requests.number_of(message) or 0)
            if answer is not None and not answer.done():
                answer.set_result(message)

    def _tell(self, event: str, problem: str, remedy: str) -> None:
        """Tell each problem once for each connection."""
        if problem not in self._told:
            self._told.add(problem)
            self._log.warning(event, error=problem, remedy=remedy)
