"""The real workers in a party with libwebrtc's consoles, which offer, answer, do both, and begin anew."""

from __future__ import annotations

import wave
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import cache
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
import soxr

from common.messages import PeerState
from common.psn.http.endpoints import SimulatorInfo
from simulator.consoles import voices
from simulator.consoles.negotiate.behaviour import Policy
from tests.chromium.console import ChromiumConsole, console_in, speaking_chromium
from tests.common.psn.rig import Rig, rig
from tests.support.correlate import best_match
from tests.support.processes import short_folder
from tests.support.waiting import until
from tests.workers.media.console import Heard

RATE = 48_000
WINDOW = RATE // 2
ENOUGH = 3
"""Half seconds that match: not all of them do, since Chromium's own microphone stutters on a busy machine."""
ALIKE = 0.9
QUIET = 300
ME = "5012345678901234567.MOBILE_APP"
CAST: dict[str, tuple[str, Policy, str]] = {
    "answering": ("4000000000000000002", "answer", "yields"),
    "glare in which it yields": ("6000000000000000003", "glare", "yields"),
    "glare in which it never yields": ("4000000000000000004", "glare", "never-yields"),
    "offering, again and again": ("4000000000000000005", "reoffer", "yields"),
}
"""(account id, policy, glare rule)."""

pytestmark = [pytest.mark.realtime, pytest.mark.asyncio(loop_scope="module")]


@cache
def spoken() -> np.ndarray:
    """Return what the consoles speak, float32 at `RATE`."""
    samples = np.concatenate([voices.load(name) for name in voices.of_speaker("anna")])
    return np.asarray(soxr.resample(samples.astype(np.float32) / 32768, voices.RATE, RATE), np.float32)


def was_spoken(heard: np.ndarray) -> bool:
    """Tell whether a piece of sound is a piece of what the consoles speak, over and over."""
    loop = spoken()
    if np.abs(heard).max() < QUIET:
        return False
    return best_match(np.concatenate([loop, loop[: len(heard)]]), heard, RATE).correlation >= ALIKE


class Party:
    def __init__(self, made: Rig, heard: Heard, consoles: dict[str, ChromiumConsole]) -> None:
        self.rig = made
        self.heard = heard
        self.consoles = consoles

    def state(self, console: ChromiumConsole) -> PeerState | None:
        found = self.rig.latest.get(f"{PeerState.TOPIC}/{console.peer}")
        return found if isinstance(found, PeerState) else None

    def connected(self, console: ChromiumConsole) -> bool:
        state = self.state(console)
        return console.states.get(ME) == "connected" and state is not None and state.connection == "connected"

    async def report_on(self, console: ChromiumConsole) -> dict[str, Any]:
        """Wait for media's next RTCP report: after each new start a browser has none for some seconds."""

        async def report() -> dict[str, Any]:
            return await console.reported(ME)

        return await until(report, "media reports")

    async def is_heard(self, console: ChromiumConsole) -> None:
        """Wait until it comes out as it was spoken."""
        await self.rig.until(lambda: self.connected(console), "both say that they are connected")
        found, done = 0, len(self.heard.samples(console.peer))

        def well() -> bool:
            nonlocal found, done
            sound = self.heard.samples(console.peer)
            while done + WINDOW <= len(sound):
                found += was_spoken(sound[done : done + WINDOW].astype(np.float32))
                done += WINDOW
            return found >= ENOUGH

        await self.rig.until(well, "its voice comes out as it was spoken")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def party(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Party]:
    voice = tmp_path_factory.mktemp("voice") / "anna.wav"
    with wave.open(str(voice), "wb") as wav:
        wav.setparams((1, 2, RATE, 0, "NONE", ""))
        wav.writeframes((spoken() * 32767).astype("<i2").tobytes())
    with short_folder() as home:
        async with rig(home) as made, AsyncExitStack() as stack:
            made.paths.make()
            made.up("broker", "simulator", env={"PARTYLINE_SIMULATOR__CONSOLES": "1"})
            await made.until(made.paths.simulator_file.exists, "the simulator is up")
            made.up("auth", "signaling", "session", "media")
            await made.joined()
            heard = Heard(made.paths.run)
            stack.callback(heard.close)
            browser = await stack.enter_async_context(speaking_chromium(voice))
            (present,) = (await made.control("state"))["consoles"]
            await made.control("policy", {"peer": present["peer"], "policy": "silent"})  # these talk with us alone
            info = SimulatorInfo(**made.info())
            consoles = {}
            for name, (account_id, policy, glare) in CAST.items():
                entered = console_in(browser, info, account_id, policy, glare, ME)
                consoles[name] = await stack.enter_async_context(entered)
            yield Party(made, heard, consoles)


@pytest.mark.parametrize("role", CAST)
async def test_a_libwebrtc_console_is_heard_as_it_speaks(party: Party, role: str) -> None:
    console = party.consoles[role]
    await party.is_heard(console)
    assert (await console.received(ME))["packetsReceived"] > 0
    assert (await party.report_on(console))["packetsLost"] == 0
    state = party.state(console)
    assert state is not None
    assert (state.codec, state.malformed) == ("opus/16000", 0)


async def test_one_that_begins_anew_again_and_again_stays_connected(party: Party) -> None:
    console = party.consoles["offering, again and again"]
    before = console.offers
    await party.rig.until(lambda: console.offers >= before + 2, "two more offers, each an ICE restart")
    states = [state for state in party.rig.all(PeerState) if state.key() == console.peer]
    first = next(place for place, state in enumerate(states) if state.connection == "connected")
    assert {state.connection for state in states[first:]} <= {"connected", "connecting"}
    assert {state.codec for state in states[first:]} == {"opus/16000"}, "also while it is between two connections"
    packets = [state.packets for state in states[first:]]
    assert packets == sorted(packets), "one and the same voice goes on"
    await party.is_heard(console)


async def test_all_are_heard_again_by_a_media_that_was_killed(party: Party) -> None:
    party.rig.again("media")
    for console in party.consoles.values():
        await party.is_heard(console)


def is_of_a_page(violation: dict[str, Any]) -> bool:
    """Tell whether a console in Chromium broke a rule of customData3: those pages tell none."""
    return violation["place"] == "customData3" and not violation["reason"].startswith(ME)


NEVER_ANSWERS = "No connection to NovaKite after several tries."
"""About the simulator's own console, which is told to be silent. It comes when the tests before took long."""


async def test_nothing_of_it_was_refused(party: Party) -> None:
    of_us = [one for one in await party.rig.control("violations") if not is_of_a_page(one)]
    assert of_us == []
    assert {problem.message for problem in party.rig.problems().values()} <= {NEVER_ANSWERS}
