"""The Socket.IO client against a real relay with a party of consoles."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from common.config.settings import load
from common.config.tables import Settings
from common.errors import PartylineError
from common.messages import Member, PartyState, PeerSignal, SignalRefused
from simulator.app import Running, serving
from simulator.demo import CAST, SESSION_ID
from simulator.world import Options
from tests.common.psn.rig import Rig, rig
from tests.simulator.client import Client
from tests.support.waiting import until
from workers.signaling.transports.relay_connection import RelayAddress
from workers.signaling.transports.relay_transport import RelayTransport

SDP = (Path(__file__).parent.parent.parent.parent / "wire" / "p2p-offer.sdp").read_bytes().decode()
ANSWERING = CAST[1]


class Endpoints:
    """The endpoints of a running simulator."""

    def __init__(self, running: Running) -> None:
        self._running = running

    def current(self) -> Any:
        return SimpleNamespace(simulator=self._running.info)

    def forget(self) -> None:
        pass


class Guest:
    """A transport in the demo party, and all that it reports."""

    def __init__(self, running: Running, account_id: str) -> None:
        self.running = running
        self.signals: list[PeerSignal] = []
        self.refusals: list[tuple[SignalRefused, str]] = []
        self.problems: list[PartylineError | None] = []
        self.jobs: list[asyncio.Task[None]] = []
        self.number = 0
        self.state = PartyState(
            phase="joined",
            session_id=SESSION_ID,
            me=f"{account_id}.MOBILE_APP",
            members=tuple(Member(account_id=a, platform=p, online_id=o) for a, o, p, _ in CAST[:2]),
        )
        self.transport = RelayTransport(
            RelayAddress(Endpoints(running), ""),
            self._next,
            self,
            lambda job: self.jobs.append(asyncio.create_task(job)),
        )
        self.jobs.append(asyncio.create_task(self.transport.run()))

    def _next(self) -> int:
        self.number += 1
        return self.number

    def on_signal(self, signal: PeerSignal) -> None:
        self.signals.append(signal)

    def on_refused(self, _: str, notice: SignalRefused, error: PartylineError) -> None:
        self.refusals.append((notice, error.message))

    def on_sent(self, peer: str) -> None:
        pass

    def on_unusable(self, code: str, error: PartylineError) -> None:
        assert code == RelayTransport.problem
        self.problems.append(error)

    def on_usable(self, code: str) -> None:
        assert code == RelayTransport.problem
        self.problems.append(None)

    def on_discarded(self, reason: str, message: str) -> None:
        self.problems.append(PartylineError(message, "", code=reason))

    async def until(self, condition: Callable[[], Any]) -> Any:
        return await until(condition, "it is so")

    async def connected(self) -> None:
        await self.until(lambda: self.transport._messages.table)

    def offer(self, account_id: str, platform: str, sequence: int = 1, sdp: str = SDP) -> None:
        self.transport.send(
            PeerSignal(
                direction="out", account_id=account_id, platform=platform, kind="offer", sdp=sdp, sequence=sequence
            )
        )

    async def close(self) -> None:
        for job in self.jobs:
            job.cancel()
        await asyncio.gather(*self.jobs, return_exceptions=True)


@pytest.fixture
async def guest() -> AsyncIterator[Guest]:
    async with (
        serving(Options(), consoles=2) as running,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        client = Client(http, running.info)
        await (await client.sign_in()).open_push()
        assert (await client.join()).status == 201
        made = Guest(running, client.account_id)
        try:
            yield made
        finally:
            await made.close()
            await client.close()


async def test_a_console_answers_through_the_relay_and_keeps_the_number(guest: Guest) -> None:
    guest.transport.on_party(guest.state)
    await guest.connected()
    assert guest.transport.reaches(f"{ANSWERING[0]}.PS5")
    assert not guest.transport.reaches("999.PS5")
    guest.offer(ANSWERING[0], "PS5", 7)
    signal = await guest.until(lambda: next(iter(guest.signals), None))
    assert (signal.kind, signal.account_id, signal.platform, signal.sequence) == ("answer", ANSWERING[0], "PS5", 7)
    assert signal.sdp.startswith("v=0")
    assert guest.refusals == []
    assert list(guest.running.world.call_log.violations) == []


async def test_a_refusal_of_the_relay_is_reported_in_its_words(guest: Guest) -> None:
    guest.transport.on_party(guest.state)
    await guest.connected()
    guest.offer(ANSWERING[0], "PS5", sdp="v=0\r\n")
    notice, words = await guest.until(lambda: next(iter(guest.refusals), None))
    assert notice.final
    assert "no audio section" in words


async def test_a_lost_relay_is_a_problem_and_comes_back_by_itself(guest: Guest) -> None:
    guest.transport.on_party(guest.state)
    await guest.connected()
    assert await guest.running.relay.drop() == 1
    problem = await guest.until(lambda: next((p for p in guest.problems if p), None))
    assert "ended" in problem.message
    guest.offer(ANSWERING[0], "PS5")
    await guest.until(lambda: guest.refusals or guest.signals)
    await guest.until(lambda: guest.problems[-1] is None)
    await guest.connected()


async def test_a_sleep_replaces_the_connection_without_a_problem(guest: Guest) -> None:
    guest.transport.on_party(guest.state)
    await guest.connected()
    before = guest.transport._connection._client
    guest.transport.on_wake(slept=False)
    assert guest.transport._connection._client is before
    guest.transport.on_wake(slept=True)
    await guest.until(lambda: guest.transport._connection._client not in (None, before))
    await guest.connected()
    assert not any(guest.problems)


async def test_a_client_that_is_not_a_member_is_refused_and_retries(guest: Guest) -> None:
    guest.transport.on_party(PartyState(phase="joined", session_id=SESSION_ID, me="999.PS5"))
    problem = await guest.until(lambda: next((p for p in guest.problems if p), None))
    assert problem.code == "signaling.relay"
    guest.transport.on_party(guest.state)
    await guest.connected()
    guest.transport.on_party(PartyState(phase="none"))
    await guest.until(lambda: not guest.transport.reaches(f"{ANSWERING[0]}.PS5"))


def test_the_relay_is_reached_in_the_clear_on_this_machine_only(home: Path) -> None:
    def settings(url: str) -> Settings:
        return load(environ={"PARTYLINE_HOME": str(home), "PARTYLINE_SIGNALING__SOCKETIO_URL": url})

    assert settings("ws://127.0.0.1:5000").signaling.socketio_url
    assert settings("wss://relay.example").signaling.socketio_url
    for url in ("ws://relay.example", "https://relay.example", "relay"):
        with pytest.raises(PartylineError, match="socketio_url"):
            settings(url)


@pytest.fixture
async def party(home: Path) -> AsyncIterator[Rig]:
    async with rig(home) as made:
        made.up("broker", "simulator", env={"PARTYLINE_SIMULATOR__CONSOLES": "3"})
        await made.until(made.paths.simulator_file.exists, "the simulator serves")
        for account_id, _, platform, _ in CAST[:3]:
            await made.control("policy", {"peer": f"{account_id}.{platform}", "policy": "answer"})
        made.up("auth", "signaling", "session", "media", env={"PARTYLINE_SIGNALING__TRANSPORTS": "socketio"})
        await made.joined()
        yield made


@pytest.mark.realtime  # the simulator allows 5 s for customData3, and session, at nice 10, waits for a busy machine
async def test_a_party_is_connected_through_the_relay_alone(party: Rig) -> None:
    async def connected() -> bool:
        consoles = (await party.control("state"))["consoles"]
        return all(any(c["state"] == "connected" for c in one["connections"].values()) for one in consoles)

    await until(connected, lambda: f"every console is connected\n{party.logs()}", every_s=0.1)
    incoming = [signal for signal in party.all(PeerSignal) if signal.direction == "in"]
    assert {signal.transport for signal in incoming} == {"socketio"}
    assert not [call for call in await party.calls() if "customMessage" in call]
    assert await party.control("violations") == []
    await party.until(lambda: not [p for p in party.problems().values() if p.worker == "signaling"], "peace")
