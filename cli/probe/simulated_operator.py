"""The operator of a rehearsal: the simulator's consoles do what a person would do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from cli.probe.operators import ConsoleAction
from cli.shared.failures import CommandError
from simulator.demo import SESSION_ID

SMALLER, LARGER = "3456789012345678901.PS5", "8019283746501928374.PS5"
"""Consoles with account ids below and above the guest's."""


class SimulatorControl:
    """The client of the simulator's control host."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url

    async def unfit(self) -> int:
        """Return the number of messages in a form that the consoles do not understand."""
        return int((await self.get("state"))["unfit"])

    async def get(self, what: str) -> Any:
        async with self._http.get(f"{self._url}/{what}") as answer:
            answer.raise_for_status()
            return await answer.json()

    async def post(self, what: str, body: Mapping[str, Any]) -> Any:
        async with self._http.post(f"{self._url}/{what}", json=dict(body)) as answer:
            if answer.status >= 400:
                raise CommandError(
                    f"The simulator refused {what}: {await answer.text()}", "Please report this with the seed."
                )
            return await answer.json()


class SimulatedOperator:
    """The simulator's consoles in place of a `TerminalOperator`."""

    def __init__(self, control: SimulatorControl, seed: int) -> None:
        self._control = control
        first, second = (SMALLER, LARGER) if seed % 2 else (LARGER, SMALLER)
        self._joining = {"join": first, "join second": second}

    async def agree(self, question: str) -> bool:
        del question
        return True

    async def answer(self, question: str) -> str:
        del question
        return ""

    @asynccontextmanager
    async def request(self, action: ConsoleAction) -> AsyncIterator[asyncio.Event]:
        await self._do(action)
        yield asyncio.Event()

    async def _do(self, action: ConsoleAction) -> None:
        if action.kind in ("join", "join second"):
            await self._control.post("join", {"peer": self._joining[action.kind], "sessionId": action.session_id})
        elif action.kind == "come back":
            await self._control.post("join", {"peer": action.peer, "sessionId": action.session_id})
        elif action.kind == "leave":
            await self._control.post("leave", {"peer": action.peer})
        elif action.kind == "have a party":
            await self._move_over()

    async def _move_over(self) -> None:
        """Move the consoles from our party, if they are in it, to the demo party."""
        for peer in (SMALLER, LARGER):
            state = await self._control.get("state")
            here = next((one for one in state["consoles"] if one["peer"] == peer), None)
            if here is not None and here["inParty"]:
                await self._control.post("leave", {"peer": peer})
            await self._control.post("join", {"peer": peer, "sessionId": SESSION_ID})
