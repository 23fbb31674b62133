"""The real workers with consoles that go each way of what is open: they are heard all the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.messages import PeerSignal, PeerState
from simulator.demo import CAST, GUEST
from tests.common.psn.rig import Rig, rig

CONSOLE = f"{CAST[0][0]}.{CAST[0][2]}"
SOON = {"PARTYLINE_MEDIA__OFFER_AFTER_S": "0.5", "PARTYLINE_PSN__CALL_BURST": "200"}


@pytest.fixture
async def made(home: Path) -> AsyncIterator[Rig]:
    async with rig(home) as found:
        found.up("broker", "simulator", env={"PARTYLINE_SIMULATOR__CONSOLES": "1"})
        await found.until(found.paths.simulator_file.exists, "the simulator serves")
        yield found


async def is_heard(made: Rig, peer: str) -> PeerState:
    def heard() -> PeerState | None:
        state = made.latest.get(f"{PeerState.TOPIC}/{peer}")
        return state if isinstance(state, PeerState) and state.packets > 50 and state.heard_s > 0.5 else None

    state = await made.until(heard, f"{peer} is heard")
    assert isinstance(state, PeerState)
    return state


@pytest.mark.realtime
@pytest.mark.parametrize("rate", ["48000", "16000"])
async def test_a_voice_is_heard_whichever_clock_its_timestamps_count(made: Rig, rate: str) -> None:
    await made.control("ways", {"name": "rtp.clock", "way": rate})
    made.up("auth", "signaling", "session", "media")
    await made.joined()
    state = await is_heard(made, CONSOLE)
    assert state.concealed_frames < state.frames / 4


@pytest.mark.realtime
@pytest.mark.parametrize("way", ["older", "newer", "smaller-account", "nobody", "both"])
async def test_a_console_is_heard_whoever_offers(made: Rig, way: str) -> None:
    await made.control("ways", {"name": "offer.first", "way": way})
    made.up("auth", "signaling", "session", "media", env=SOON)
    await made.joined()
    await is_heard(made, CONSOLE)
    first = next(one.direction for one in made.all(PeerSignal) if one.kind == "offer")
    assert first == "out" or way in ("older", "both", "smaller-account")


@pytest.mark.realtime
async def test_the_accounts_own_console_is_talked_with_like_any_member(made: Rig) -> None:
    made.up("auth", "signaling", "session", "media")
    await made.joined()
    await made.control("join", {"peer": f"{GUEST.account_id}.PS5"})
    await is_heard(made, f"{GUEST.account_id}.PS5")
