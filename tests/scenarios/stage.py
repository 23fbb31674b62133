"""The real workers in a party of the simulator, in the realm `playstation`, and what a scenario can do and see."""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from common.errors import PartylineError
from common.files.paths import write_atomically
from common.messages import AuthState, PartyState, PeerSignal, PeerState, PushState, SignalRefused
from common.psn.http.endpoints import SimulatorInfo
from common.requests import JoinParty, ListParties, SignIn
from simulator.demo import CAST
from tests.common.psn.rig import Rig, real, rig
from tests.scenarios.voices import Count, Voices
from tests.simulator.client import Client
from tests.support.processes import short_folder

SDP = (Path(__file__).parent.parent / "wire" / "p2p-offer.sdp").read_bytes().decode()
WORKERS = ("auth", "signaling", "session", "media", "audio")
CLOCK = Path(__file__).parent / "clock"
QUICK = {
    "PARTYLINE_PSN__CALLS_PER_S": "200",
    "PARTYLINE_PSN__CALL_BURST": "200",
    "PARTYLINE_PSN__BACKOFF_MAX_S": "1",
    "PARTYLINE_PSN__KEEP_ALIVE_S": "0.5",
    "PARTYLINE_PSN__PUSH_OPEN_EVERY_S": "0.1",
    "PARTYLINE_PSN__RATE_LIMIT_S": "2",
    "PARTYLINE_PSN__BLOCK_S": "2",
    "PARTYLINE_PSN__CONNECT_TIMEOUT_S": "5",
    "PARTYLINE_MEDIA__ANSWER_TIMEOUT_S": "1",
    "PARTYLINE_AUDIO__SINK": "null",
}
ANSWERING = "3456789012345678901.PS5"
"""A console of the demo party that answers offers."""


class Stage:
    """One rig for many scenarios, calm and in the party at the beginning of each."""

    def __init__(self, made: Rig, env: dict[str, str]) -> None:
        self.rig = made
        self.env = env
        self.info = made.info()
        self._numbers = itertools.count(100_000)  # none of those that media itself uses
        self._mark = 0
        self.before: PartyState = PartyState(phase="none")
        self.voices = Voices(made)
        self.epoch = ""
        """Of the push channel, when the scenario began."""
        self._counted = Count(0, 0)

    async def begin(self) -> None:
        """Be in the party, with all voices heard."""
        await self.calm()
        await self.sign_in()
        if self.party().phase != "joined":
            await self.join()
        self.before = await self.rig.joined()
        await self.rig.until(lambda: self.push().connected, "the push channel is open")
        await self.no_problems()
        await self.voices.all_heard(*self.others)
        if not self._mark:
            await self.voices.quiet()
        self.epoch = self.push().epoch
        self.mark()

    def mark(self) -> None:
        """Count from here on."""
        self._counted, self._mark = self.voices.count(), len(self.rig.heard)

    async def calm(self) -> None:
        await self.set_off("calm")

    async def set_off(self, name: str) -> None:
        await self.rig.control("scenario", {"name": name})

    # --- what is done ----------------------------------------------------------------------------

    async def sign_in(self) -> None:
        state = await self.rig.until(lambda: self.rig.now(AuthState), "auth is up")
        if state.state not in ("signed_in", "refreshing"):
            await self.rig.bus.request(SignIn(pasted=self.info["npsso"]), 30)
            await self.rig.until(lambda: self.auth() == "signed_in", "somebody is signed in")

    async def join(self) -> None:
        await self.rig.bus.request(JoinParty(target=self.info["party_link"]), 60)

    async def listed(self) -> str:
        """Ask for the parties; return the error's code, or ``ok``."""
        try:
            found = await self.rig.bus.request(ListParties(), 60)
        except PartylineError as error:
            return error.code
        return "ok" if found.parties else "nothing"

    async def listed_well(self) -> None:
        """Ask until it works, as a person would."""
        deadline = time.monotonic() + 30
        while (said := await self.listed()) != "ok":
            assert time.monotonic() < deadline, f"still {said}"

    async def negotiated(self) -> None:
        """Have a console offer again, and media answer that very offer: push in and REST out both work."""
        begun = len(self.rig.heard)
        await self.rig.control("offer", {"peer": ANSWERING})

        def over() -> bool:
            signals = [one for one in self.rig.heard[begun:] if isinstance(one, PeerSignal)]
            offers, answers = (
                {one.sequence for one in signals if one.key() == f"{direction}/{ANSWERING}" and one.kind == kind}
                for direction, kind in (("in", "offer"), ("out", "answer"))
            )
            return bool(offers & answers)

        await self.rig.until(over, "a console's offer is answered")

    def offer(self, peer: str = ANSWERING) -> int:
        account_id, _, platform = peer.partition(".")
        sequence = next(self._numbers)
        self.rig.bus.publish(
            PeerSignal(
                direction="out", account_id=account_id, platform=platform, kind="offer", sdp=SDP, sequence=sequence
            )
        )
        return sequence

    async def visited(self) -> None:
        """Have somebody come, go and come again; the table ends as the server has it."""
        person = {"accountId": f"90{next(self._numbers)}", "onlineId": f"Visitor-{next(self._numbers)}"}
        npsso = (await self.rig.control("accounts", person))["npsso"]
        info = SimulatorInfo(**self.info)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            visitor = Client(http, info, npsso)
            try:
                await (await visitor.sign_in()).open_push()
                for _ in range(2):
                    assert (await visitor.join()).status == 201
                    assert (await visitor.leave()).status == 204
                assert (await visitor.join()).status == 201
                await self._as_the_server()
                assert person["accountId"] in self.members()
                assert (await visitor.leave()).status == 204
                await self._as_the_server()
                assert person["accountId"] not in self.members()
            finally:
                await visitor.close()

    async def _as_the_server(self) -> None:
        wanted = set(await self.rig.party_members())
        await self.rig.until(lambda: self.members() == wanted, f"the members are {sorted(wanted)}")

    async def met(self) -> int:
        """How many calls have met a fault on demand."""
        found: int = (await self.rig.control("faults"))["met"]
        return found

    async def mobile_calls(self) -> list[dict[str, Any]]:
        """The calls to m.np since the latest that was refused with 429, which comes first."""
        calls = [call for call in await self.rig.control("calls") if call["path"].startswith("/mobile/")]
        latest = max(place for place, call in enumerate(calls) if call["status"] == 429)
        found: list[dict[str, Any]] = calls[latest:]
        return found

    async def policy(self, policy: str, *peers: str) -> None:
        """Change what consoles do about their peers; without `peers`, as the demo has it again."""
        usual = {f"{account_id}.{platform}": known for account_id, _, platform, known in CAST}
        for peer in peers or self.others:
            await self.rig.control("policy", {"peer": peer, "policy": policy or usual[peer]})

    async def clock(self, off_s: float) -> None:
        """Set the workers' wall clock off by so many seconds."""
        write_atomically(self.clock_file, str(off_s).encode())

    # --- what is seen ----------------------------------------------------------------------------

    def since(self, cls: type[Any]) -> list[Any]:
        """What was heard of a kind since the scenario began."""
        return [message for message in self.rig.heard[self._mark :] if isinstance(message, cls)]

    def party(self) -> PartyState:
        return self.rig.now(PartyState) or PartyState(phase="none")

    def push(self) -> PushState:
        return self.rig.now(PushState) or PushState(connected=False)

    def auth(self) -> str:
        state = self.rig.now(AuthState)
        return state.state if state else ""

    def members(self) -> set[str]:
        return {member.account_id for member in self.party().members}

    def refused(self, sequence: int) -> bool:
        return any(one.sequence == sequence for one in self.since(SignalRefused))

    async def problem(self, code: str) -> None:
        await self.rig.until(lambda: code in self.rig.problems(), f"{code} is told")

    async def no_problems(self) -> None:
        await self.rig.until(lambda: not self.rig.problems(), f"no problem stands: {sorted(self.rig.problems())}")

    async def reopened(self, words: str = "") -> None:
        """The push channel went, for that reason, and came back."""
        await self.rig.until(
            lambda: any(not one.connected and words in one.detail for one in self.since(PushState)),
            f"the push channel goes: {words}",
        )
        await self.rig.until(lambda: self.push().connected, "the push channel is back")

    async def survived(self) -> None:
        """The same membership as before, never given up in between, and voices can still be negotiated."""
        assert {state.phase for state in self.since(PartyState)} <= {"joined"}
        now = self.party()
        assert (now.session_id, now.joined_at, now.context_id) == (
            self.before.session_id, self.before.joined_at, self.before.context_id,
        )  # fmt: skip
        assert self.me in await self.rig.party_members()
        await self.negotiated()
        await self.no_problems()

    async def no_voice_lost(self, *, gap_s: float = 0.0) -> bool:
        """See that the same voices went on; return whether no more of them was lost than usual.

        `gap_s`: for so long may a voice have no connection.
        """
        await self.rig.until(
            lambda: {state.key() for state in self.since(PeerState)} >= set(self.others), "media tells of everybody"
        )
        await self.voices.more(*self.others)
        heard = zip(self.rig.heard_at[self._mark :], self.rig.heard[self._mark :], strict=True)
        states = [(at, message) for at, message in heard if isinstance(message, PeerState)]
        return await self.voices.kept(states, self._counted, gap_s=gap_s)

    @property
    def others(self) -> list[str]:
        """Peer keys of the consoles."""
        return [member.peer for member in self.before.members if not member.is_me]

    @property
    def clock_file(self) -> Path:
        return self.rig.home / "clock-off"

    @property
    def me(self) -> str:
        return self.before.me.partition(".")[0]


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    with short_folder() as home:
        async with rig(home) as made:
            made.paths.make()
            made.up("broker", "simulator")
            await made.until(made.paths.simulator_file.exists, "the simulator is up")
            await made.control("chorus", {"on": True})
            clock = {"PYTHONPATH": str(CLOCK), "CLOCK_OFF_FILE": str(home / "clock-off")}
            stage = Stage(made, {**real(made), **QUICK, **clock})
            await stage.clock(0.0)
            made.up(*WORKERS, env=stage.env)
            yield stage
