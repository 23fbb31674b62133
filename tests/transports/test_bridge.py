"""The party's bridge over the real workers: its mix is heard as one talker, and it comes, goes and returns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from common.messages import BRIDGE_PEER, PeerState, PushEvent, Speaking
from common.requests import LeaveParty
from simulator.consoles import voices
from simulator.demo import CAST, SESSION_ID
from tests.media.console import Heard
from tests.media.voice import likeness
from tests.processes import PATIENCE_S
from tests.psn_client.rig import Rig, rig

pytestmark = pytest.mark.realtime

CONSOLES = 2
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


async def eventually(made: Rig, condition: Any) -> Any:
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while not (found := condition(await bridges(made))):
        assert asyncio.get_running_loop().time() < deadline, made.logs()
        await asyncio.sleep(0.1)
    return found


async def heard_saying(made: Rig, heard: Heard, speaker: str, by: str) -> None:
    """Let a console speak until that is heard from peer `by`."""
    consoles = (await made.control("state"))["consoles"]
    voice = next(console for console in consoles if console["peer"] == speaker)["voices"][0]
    clock = asyncio.get_running_loop().time
    deadline, again = clock() + PATIENCE_S, clock()
    while likeness(voices.load(voice), heard.samples(by)) < 0.85:
        assert clock() < deadline, made.logs()
        if clock() >= again:  # a busy machine may tear it
            await made.control("say", {"peer": speaker, "voice": voice})
            again = clock() + AGAIN_S
        await asyncio.sleep(0.5)


async def connected(made: Rig, ear: Ear) -> None:
    await made.until(lambda: ear.connection == "connected", "the bridge is connected")


@pytest.mark.parametrize("direction", ["sendrecv", "sendonly"])
async def test_the_bridges_mix_is_heard_as_it_was_spoken(home: Path, direction: str) -> None:
    async with party(home, direction, there=True) as (made, ear):
        await connected(made, ear)
        assert ear.states[BRIDGE_PEER].online_id == "the bridge"
        heard = Heard(made.paths.run)
        try:
            for peer in PEERS[:CONSOLES]:
                await heard_saying(made, heard, peer, BRIDGE_PEER)
        finally:
            heard.close()
        assert BRIDGE_PEER in ear.spoke
        assert await made.control("violations") == []
        paths = [call for call in await made.calls() if "ridge" in call and not call.startswith("GET")]
        assert [path.split(" ")[0] for path in paths] == ["POST", "POST"]
        assert paths[-1].endswith("/answer")


async def test_where_there_is_none_one_is_made_linked_and_ended_in_the_apps_order(home: Path) -> None:
    async with party(home, "recvonly", there=False, PARTYLINE_SIGNALING__TRANSPORTS="bridge,miranda") as (made, ear):
        await connected(made, ear)
        await eventually(made, lambda found: found[0]["peers"] and found[0]["peers"][0]["rtpReceived"] > 0)
        calls = [call.rpartition("/")[2] for call in await made.calls() if "ridge" in call]
        assert calls[:4] == ["bridges", "bridges", "peers", "answer"]
        await made.bus.request(LeaveParty(), 30)
        assert await bridges(made) == [], "unlinked and ended before the party was left"
        await made.until(lambda: not ear.connection, "the talker is gone")
        deleted = [call for call in await made.calls() if call.startswith("DELETE")]
        assert deleted[-1].endswith("/members/me"), "nothing is sent once we are out"
        assert await made.control("violations") == []


async def test_auto_takes_a_bridge_that_comes_later_and_lets_go_of_one_that_ends(home: Path) -> None:
    async with party(home, "sendrecv", there=False) as (made, ear):
        assert not ear.connection
        assert await bridges(made) == []
        await made.control("bridges", {"sessionId": SESSION_ID})
        await connected(made, ear)
        await made.control("bridges", {"sessionId": SESSION_ID, "end": True})
        await made.until(lambda: not ear.connection, "the talker is gone")
        await made.control("bridges", {"sessionId": SESSION_ID})
        await connected(made, ear)
        assert await made.control("violations") == []


async def test_killed_media_and_signaling_find_the_bridge_again(home: Path) -> None:
    async with party(home, "sendrecv", there=True) as (made, ear):
        await connected(made, ear)
        before = len([call for call in await made.calls() if call.endswith("/offer")])
        made.again("media")
        await made.until(lambda: ear.connection != "connected", "media starts anew")
        await connected(made, ear)
        offers = [call for call in await made.calls() if "/peers/" in call and call.endswith("/offer")]
        assert len(offers) > before, "media asked for a new offer"
        made.again("signaling")
        added = len([call for call in await made.calls() if call.endswith("/peers")])
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while len([call for call in await made.calls() if call.endswith("/peers")]) == added:
            assert asyncio.get_running_loop().time() < deadline, made.logs()
            await asyncio.sleep(0.1)
        await eventually(made, lambda found: [p["state"] for p in found[0]["peers"]] == ["connected"])
        await connected(made, ear)
        assert await made.control("violations") == []


NEEDY = ("usual", "usual", "unreachable", "bridge-only")
SOON = {"PARTYLINE_SIGNALING__BRIDGE_AFTER_S": "2", "PARTYLINE_MEDIA__ANSWER_TIMEOUT_S": "1"}


@pytest.mark.parametrize("carries", ["needing", "party"])
async def test_whom_p2p_does_not_reach_is_heard_by_a_bridge_of_ours_until_it_does(home: Path, carries: str) -> None:
    async with party(home, "sendrecv", there=False, policies=NEEDY, carries=carries, **SOON) as (made, ear):
        near, far = PEERS[:2], PEERS[2:4]
        await made.until(lambda: ear.ways(PEERS[:4]) == ["own", "own", "bridge", "bridge"], "everybody is heard")
        heard = Heard(made.paths.run)
        try:
            await heard_saying(made, heard, far[0], BRIDGE_PEER)
            await heard_saying(made, heard, near[0], near[0])
            consoles = {console["peer"]: console for console in (await made.control("state"))["consoles"]}
            own = voices.load(consoles[near[0]]["voices"][0])
            assert likeness(own, heard.samples(BRIDGE_PEER)) < 0.3, "nobody is heard twice"
        finally:
            heard.close()
        made_calls = [call for call in await made.calls() if call.startswith("POST") and "ridge" in call]
        assert [call.rpartition("/")[2] for call in made_calls] == ["bridges", "bridges", "peers", "answer"]
        for peer in far:
            await made.control("policy", {"peer": peer, "policy": "answer"})
        await made.until(lambda: ear.ways(PEERS[:4]) == ["own"] * 4, "everybody has a connection of its own")
        await eventually(made, lambda found: found == [])
        await made.until(lambda: not ear.connection, "the bridge is gone")
        assert await made.control("violations") == []


@pytest.mark.parametrize(("direction", "words"), [("recvonly", "only listens"), ("later", "")])
async def test_a_bridge_that_only_listens_is_told_and_given_up_unless_that_changes(
    home: Path, direction: str, words: str
) -> None:
    async with party(home, direction, there=False, policies=("bridge-only",), **SOON) as (made, ear):
        if words:
            await made.until(lambda: any(words in one.message for one in made.problems().values()), "it is said")
            assert await bridges(made) == []
            assert ear.ways(PEERS[:1]) == ["none"]
        else:
            await made.until(lambda: ear.ways(PEERS[:1]) == ["bridge"], "it is heard after a new offer")
        assert len([call for call in await made.calls() if call.endswith("/rtcBridge/v1/bridges")]) == 1
        assert await made.control("violations") == []


async def test_a_stop_ends_our_bridge_and_the_token_is_nowhere(home: Path) -> None:
    async with party(home, "sendrecv", there=False, policies=("bridge-only",), **SOON) as (made, ear):
        await connected(made, ear)
        made.processes["signaling"].stop()
        assert await bridges(made) == []
        found = [call for call in await made.calls() if call.startswith("DELETE")]
        assert len(found) == 3
        told = [event for event in made.all(PushEvent) if "bridges:" in event.data_type]
        assert told
        assert all("bridgeId" in entry and "bridgeToken" not in entry for one in told for entry in one.data["bridges"])
