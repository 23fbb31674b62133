"""Joins without a network, for what starts them by itself."""

from __future__ import annotations

import asyncio

from common.errors import PartylineError
from common.messages import PartyState


class Joins:
    """Starts joins that end as `results` say, one after the other. None is a success."""

    def __init__(self, *results: PartylineError | None) -> None:
        self.results = list(results)
        self.targets: list[str] = []
        self.joined = asyncio.Event()
        self.hold = asyncio.Event()
        self.hold.set()

    def start(self, target: str) -> asyncio.Task[PartyState]:
        self.targets.append(target)
        return asyncio.create_task(self._join(target))

    def start_session(self, session_id: str, cpss_id: str) -> asyncio.Task[PartyState]:
        return self.start(f"{session_id} {cpss_id}".strip())

    async def _join(self, target: str) -> PartyState:
        await self.hold.wait()
        if self.results and (error := self.results.pop(0)) is not None:
            raise error
        self.joined.set()
        return PartyState(phase="joined", session_id=target)


class Problems:
    """What is reported about the joins."""

    def __init__(self) -> None:
        self.failures: list[PartylineError] = []
        self.rejoined: list[float] = []

    def on_join_failed(self, error: PartylineError) -> None:
        self.failures.append(error)

    def on_rejoined(self, away_s: float) -> None:
        self.rejoined.append(away_s)
