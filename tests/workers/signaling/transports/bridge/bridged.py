"""A party of the simulator over the real workers, and what media says of its bridge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from common.messages import BRIDGE_PEER, PeerState, Speaking
from simulator.consoles import voices
from simulator.demo import CAST, SESSION_ID
from tests.common.psn.rig import Rig, rig
from tests.support.waiting import until
from tests.workers.media.console import Heard
from tests.workers.media.voice import likeness

CONSOLES = 2
NEEDY = ("usual", "usual", "unreachable", "bridge-only")
"""Policies of the consoles."""
PEERS = [f"{account_id}.{platform}" for account_id, _, platform, _ in CAST]
AGAIN_S = 8.0
"""What was said has been heard by then."""


class Ear:
    """What media says of the bridge."""

    def __init__(self, made: Rig) -> None:
        self.made = made
        self.states: dict[str, PeerState] = {}
        self.spoke: set[str] = set()

    async def listen(self) -> None:
        async for received in self.made.bus.subscribe(PeerState, Speaking):
            if isinstance(received.message, PeerState):
                self.states[received.key] = received.message
            elif isinstance(received.message, Speaking) and received.message.speaking:
                self.spoke.add(received.key)
            elif received.message is None and received.cls is PeerState:
                self.states.pop(received.key, None)

    @property
    def connection(self) -> str:
        state = self.states.get(BRIDGE_PEER)
        return state.connection if state is not None else ""

    def ways(self, peers: list[str]) -> list[str]:
        """How those are heard."""
        return [self.states[peer].way if peer in self.states else "none" for peer in peers]


@asynccontextmanager
async def party(
    home: Path,
    direction: str,
    *,
    there: bool,
    policies: tuple[str, ...] = ("silent",) * CONSOLES,
    carries: str = "party",
    **env: str,
) -> AsyncIterator[tuple[Rig, Ear]]:
    """Yield a party of consoles, which only its bridge brings by default; `there`: the bridge is there before us."""
    async with rig(home) as made:
        made.up("broker", "simulator", env={"PARTYLINE_SIMULATOR__CONSOLES": str(len(policies))})
        await made.until(made.paths.simulator_file.exists, "the simulator serves")
        for peer, policy in zip(PEERS, policies, strict=False):
            await made.control("policy", {"peer": peer, "policy": policy})
        await made.control("hush", {"on": True})
        await made.control(
            "bridges", {"direction": direction, "carries": carries, **({"sessionId": SESSION_ID} if there else {})}
        )
        ear = Ear(made)
        listening = asyncio.create_task(ear.listen())
        made.up("auth", "signaling", "session", "media", env={"PARTYLINE_MEDIA__OFFER_AFTER_S": "0.2", **env})
        try:
            await made.joined()
            yield made, ear
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def bridges(made: Rig) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await made.control("bridges")
    return found


async def until_bridges(made: Rig, condition: Any) -> Any:
    async def fits() -> Any:
        return condition(await bridges(made))

    return await until(fits, lambda: f"the bridges are so\n{made.logs()}", every_s=0.1)


async def heard_saying(made: Rig, heard: Heard, speaker: str, by: str) -> None:
    """Let a console speak until that is heard from peer `by`."""
    consoles = (await made.control("state"))["consoles"]
    voice = next(console for console in consoles if console["peer"] == speaker)["voices"][0]
    clock = asyncio.get_running_loop().time
    again = clock()

    async def is_heard() -> bool:
        nonlocal again
        if likeness(voices.load(voice), heard.samples(by)) >= 0.85:
            return True
        if clock() >= again:  # a busy machine may tear it
            await made.control("say", {"peer": speaker, "voice": voice})
            again = clock() + AGAIN_S
        return False

    await until(is_heard, lambda: f"{speaker} is heard from {by}\n{made.logs()}", every_s=0.2)


async def reachable(made: Rig, peer: str) -> None:
    """Let a console leave the party and come again as one that P2P reaches."""
    await made.control("policy", {"peer": peer, "policy": "usual"})
    await made.control("leave", {"peer": peer})
    await made.control("join", {"peer": peer})


async def connected(made: Rig, ear: Ear) -> None:
    await made.until(lambda: ear.connection == "connected", "the bridge is connected")
