"""The party's bridge over the real workers: its mix is heard as one talker, and it comes, goes and returns."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.messages import BRIDGE_PEER, PushEvent
from common.requests import LeaveParty
from simulator.consoles import voices
from simulator.demo import SESSION_ID
from tests.support.waiting import until
from tests.workers.media.console import Heard
from tests.workers.media.voice import likeness
from tests.workers.signaling.transports.bridge.bridged import (
    CONSOLES,
    NEEDY,
    PEERS,
    bridges,
    connected,
    heard_saying,
    party,
    reachable,
    until_bridges,
)

pytestmark = pytest.mark.realtime


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
        await until_bridges(made, lambda found: found[0]["peers"] and found[0]["peers"][0]["rtpReceived"] > 0)
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
        await made.until(lambda: ear.connection != "connected", "media restarts")
        await connected(made, ear)
        offers = [call for call in await made.calls() if "/peers/" in call and call.endswith("/offer")]
        assert len(offers) > before, "media asked for a new offer"
        made.again("signaling")
        added = len([call for call in await made.calls() if call.endswith("/peers")])

        async def asked() -> bool:
            return len([call for call in await made.calls() if call.endswith("/peers")]) > added

        await until(asked, lambda: f"signaling adds them again\n{made.logs()}", every_s=0.1)
        await until_bridges(made, lambda found: [p["state"] for p in found[0]["peers"]] == ["connected"])
        await connected(made, ear)
        assert await made.control("violations") == []


SOON = {"PARTYLINE_SIGNALING__BRIDGE_AFTER_S": "2", "PARTYLINE_MEDIA__ANSWER_TIMEOUT_S": "1"}


@pytest.mark.parametrize("carries", ["needing", "party"])
async def test_members_that_p2p_does_not_reach_are_heard_by_our_own_bridge_until_it_does(
    home: Path, carries: str
) -> None:
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
        await reachable(made, far[0])
        await made.until(lambda: ear.ways(PEERS[:4]) == ["own", "own", "own", "bridge"], "it stays for the other one")
        await reachable(made, far[1])
        await made.until(lambda: ear.ways(PEERS[:4]) == ["own"] * 4, "everybody has a connection of its own")
        await until_bridges(made, lambda found: found == [])
        await made.until(lambda: not ear.connection, "the bridge is gone")
        assert await made.control("violations") == []


@pytest.mark.parametrize(("direction", "words"), [("recvonly", "only listens"), ("later", "")])
async def test_a_bridge_that_only_listens_is_reported_and_left_unless_that_changes(
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
