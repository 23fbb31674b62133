"""Consoles of every mood at once, over the real workers: who is silent is asked again, who wants more is answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from common.messages import PeerSignal
from simulator.demo import CAST
from tests.common.psn.rig import Rig, rig
from tests.support.waiting import until

STUBBORN = CAST[1]
"""On a glare it never yields."""
YIELDING = CAST[0]
"""On a glare it yields."""
REOFFERING = CAST[2]
SILENT = CAST[3]
CONSOLES = 4
MOODS = {
    YIELDING: {"policy": "glare", "glare": "yields"},
    STUBBORN: {"policy": "glare", "glare": "never-yields"},
    REOFFERING: {"policy": "reoffer"},
    SILENT: {"policy": "silent"},
}
SOON = {
    "PARTYLINE_MEDIA__OFFER_AFTER_S": "0.2",
    "PARTYLINE_MEDIA__ANSWER_TIMEOUT_S": "1.5",
    "PARTYLINE_PSN__CALL_BURST": "200",
}


def peer(entry: tuple[str, str, str, str]) -> str:
    return f"{entry[0]}.{entry[2]}"


@pytest.fixture
async def moody(home: Path) -> AsyncIterator[Rig]:
    async with rig(home) as made:
        made.up("broker", "simulator", env={"PARTYLINE_SIMULATOR__CONSOLES": str(CONSOLES)})
        await made.until(made.paths.simulator_file.exists, "the simulator serves")
        for entry, mood in MOODS.items():
            await made.control("policy", {"peer": peer(entry), **mood})
        made.up("auth", "signaling", "session", "media", env=SOON)
        await made.joined()
        yield made


async def connected(made: Rig, *entries: tuple[str, str, str, str]) -> bool:
    state = await made.control("state")
    links = {console["peer"]: list(console["connections"].values()) for console in state["consoles"]}
    return all(any(link["state"] == "connected" for link in links[peer(entry)]) for entry in entries)


def signals(made: Rig, direction: str, kind: str, entry: tuple[str, str, str, str]) -> list[int]:
    return [
        signal.sequence
        for signal in made.all(PeerSignal)
        if (signal.direction, signal.kind, signal.account_id) == (direction, kind, entry[0])
    ]


async def eventually_connected(made: Rig, *entries: tuple[str, str, str, str]) -> None:
    await until(partial(connected, made, *entries), lambda: f"they are connected\n{made.logs()}", every_s=0.1)


async def test_glare_reoffer_and_silence_each_end_as_they_should(moody: Rig) -> None:
    await moody.until(lambda: len(signals(moody, "in", "offer", REOFFERING)) >= 3, "it offers again and again")
    await eventually_connected(moody, YIELDING, STUBBORN, REOFFERING)
    answered = signals(moody, "out", "answer", REOFFERING)
    assert answered[:2] == signals(moody, "in", "offer", REOFFERING)[:2]
    for entry in (YIELDING, STUBBORN):
        assert len(signals(moody, "out", "offer", entry)) == 1, "a glare needs no second try"
        assert signals(moody, "out", "answer", entry), "their offer is answered while ours is out"
    assert signals(moody, "in", "answer", YIELDING)
    assert not signals(moody, "in", "answer", STUBBORN)

    await moody.until(lambda: len(signals(moody, "out", "offer", SILENT)) >= 3, "the silent one is asked again")
    told = await moody.until(lambda: moody.problems().get("media.no-connection"), "the person hears of it")
    assert SILENT[1] in told.message
    asked = signals(moody, "out", "offer", SILENT)
    assert asked == sorted(set(asked)), "each offer has a number of its own"
    assert not signals(moody, "in", "answer", SILENT)

    await moody.control("policy", {"peer": peer(SILENT), "policy": "answer"})
    await eventually_connected(moody, SILENT)
    assert await moody.control("violations") == []
    await moody.until(lambda: not [p for p in moody.problems().values() if p.worker in ("signaling", "media")], "peace")
