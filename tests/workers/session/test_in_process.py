"""The session worker and the simulator in one process: its requests, from the bus to the server and back."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from common.config.settings import load
from common.errors import PartylineError
from common.files.paths import Paths
from common.messages import Following, PartyState, PushEvent, PushState, WorkerHealth
from common.psn.party.push import read_frame
from common.requests import (
    AccessToken,
    CreateParty,
    Done,
    EndSignals,
    FollowPlayer,
    InvitePeople,
    JoinParty,
    KickMember,
    LeaveParty,
    ListParties,
    RenameParty,
    SetVoiceChat,
    Token,
)
from common.run import worker
from simulator.app import serving
from simulator.world import Options
from tests.simulator.client import BO, Client
from tests.support.mac.caffeinate import Caffeinate
from tests.support.waiting import eventually, until
from workers.session.worker import Session


class Pipeline:
    """A bus with nobody on it but session. Auth and signaling are `client`, which has the push channel."""

    def __init__(self, home: Path, client: Client) -> None:
        self.client = client
        self.published: list[Any] = []
        self.asked: list[Any] = []
        self.handlers: dict[type, Callable[[Any], Any]] = {}
        paths = Paths(home)
        paths.run.mkdir(exist_ok=True)
        paths.simulator_file.write_bytes(msgspec.json.encode(client.info))
        environment = {"PARTYLINE_SIMULATOR__DEMO": "false", "PARTYLINE_SESSION__FOLLOW_EVERY_S": "1"}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(worker, "Bus", lambda *_: self)
            self.session = Session(paths, load(paths, environment))
        self._number = 0

    # --- the bus ---------------------------------------------------------------------------------

    boot = "b"

    def publish(self, message: Any, **_: Any) -> str:
        self.published.append(message)
        return ""

    def clear(self, *_: Any) -> None: ...

    def serve(self, request: type, handler: Callable[[Any], Any]) -> None:
        self.handlers[request] = handler

    def subscribe(self, *_: Any) -> AsyncIterator[Any]:
        return self._pushed()

    async def request(self, request: Any, wait_s: float) -> Any:
        del wait_s
        if isinstance(request, AccessToken):
            token, account_id = self.client.token["access_token"], self.client.account_id
            return Token(access_token=token, account_id=account_id, duid="d" * 64, expires_at=time.time() + 900)
        self.asked.append(request)
        return Done(message="")

    async def _pushed(self) -> AsyncIterator[Any]:
        """Yield what signaling would publish."""
        yield _Received(PushState(connected=True, epoch="e"))
        while True:
            while not self.client.push:
                self.client._news.clear()
                await self.client._news.wait()
            frame = read_frame(json.dumps(self.client.push.pop(0)))
            self._number += 1
            yield _Received(
                PushEvent(
                    epoch="e", number=self._number, data_type=frame.data_type, session_id=frame.session_id,
                    from_account_id=frame.from_account_id, from_platform=frame.from_platform,
                    contexts=frame.contexts, data=frame.data,
                )
            )  # fmt: skip

    # --- the test --------------------------------------------------------------------------------

    async def ask(self, request: Any) -> Any:
        return await self.handlers[type(request)](request)

    async def until(self, condition: Callable[[PartyState], object]) -> PartyState:
        """Wait until the published state fits."""

        def fits() -> PartyState | None:
            states = [message for message in self.published if isinstance(message, PartyState)]
            return states[-1] if states and condition(states[-1]) else None

        return await until(fits, "the published state fits", every_s=0.005)

    async def kill(self) -> None:
        """End session without a leave."""
        for task in list(self.session._job_runner._tasks):
            task.cancel()
        await asyncio.gather(*self.session._job_runner._tasks, return_exceptions=True)
        await self.session._http.close()

    async def calls(self, method: str, end: str) -> int:
        """Return how many such calls were made."""
        made = await self.client.control("calls")
        return sum(call["method"] == method and call["path"].endswith(end) for call in made)

    async def until_called(self, method: str, end: str, times: int) -> None:
        async def called() -> bool:
            return await self.calls(method, end) >= times

        await until(called, f"{method} …{end} is called {times} times")

    async def names(self, session_id: str) -> set[str]:
        """Return who is in the party, as the server says."""
        parties = (await self.client.control("state"))["parties"]
        members = next((party["members"] for party in parties if party["sessionId"] == session_id), [])
        return {member["accountId"] for member in members}


class _Received:
    def __init__(self, message: Any) -> None:
        self.message = message


@asynccontextmanager
async def pipeline(home: Path, **options: object) -> AsyncIterator[Pipeline]:
    async with (
        serving(Options(**options), consoles=1) as running,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        client = await Client(http, running.info).sign_in()
        made = Pipeline(home, await client.open_push())
        await made.session.setup()
        try:
            yield made
        finally:
            await made.kill()
            await client.close()


async def test_a_party_is_joined_by_its_link_followed_and_left(home: Path) -> None:
    async with pipeline(home) as there:
        session_id, me = there.client.info.session_id, there.client.account_id
        state = await there.ask(JoinParty(target=there.client.info.party_link))
        assert (state.phase, state.session_id, state.members_known) == ("joined", session_id, True)
        assert me in await there.names(session_id)
        assert [one.standing for one in (await there.ask(ListParties())).parties] == ["in"]
        other = next(member for member in state.members if not member.is_me)
        await there.client.control("kick", {"accountId": other.account_id})
        await there.until(lambda now: other.peer not in {member.peer for member in now.members})
        assert (await there.ask(LeaveParty())).message == "Left the party."
        assert me not in await there.names(session_id)
        assert there.asked[:2] == [SetVoiceChat(active=True), EndSignals(session_id=session_id)]
        assert await there.client.control("violations") == []


async def test_a_mac_stays_awake_while_there_is_a_party(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    caffeinate = Caffeinate(home, monkeypatch)

    def awake() -> str:
        there.session.beat()
        beats = [message for message in there.published if isinstance(message, WorkerHealth)]
        return str(beats[-1].facts.get("awake", ""))

    async with pipeline(home) as there:
        assert awake() == ""
        await there.ask(JoinParty(target=there.client.info.party_link))
        assert awake().startswith("held (caffeinate, process ")
        await there.ask(LeaveParty())
        assert awake() == ""
        await asyncio.to_thread(eventually, lambda: caffeinate.has_ended(there.session.awake), "it ends")
    assert len(caffeinate.calls) <= 1  # none, if it was told to end before it began


async def test_whoever_is_kicked_is_told_by_whom(home: Path) -> None:
    async with pipeline(home) as there:
        await there.ask(JoinParty(target=there.client.info.session_id))
        await there.client.control("kick", {"accountId": there.client.account_id})
        state = await there.until(lambda now: now.phase == "none")
        assert (state.end, state.reason) == ("removed", "You are no longer in the party. NovaKite removed you.")
        with pytest.raises(PartylineError, match="There is no party"):
            await there.ask(RenameParty(name="x"))


async def test_a_party_is_created_changed_and_filled(home: Path) -> None:
    async with pipeline(home) as there:
        bo = await (await there.client.another(*BO)).open_push()
        made = await there.ask(CreateParty(name="Raid"))
        await there.ask(RenameParty(name=" Night "))
        assert (await there.until(lambda now: now.name == "Night")).session_id == made.session_id
        assert (await there.ask(InvitePeople(online_ids=("bo-streams",)))).online_ids == (BO[1],)
        assert (await bo.join(made.session_id)).status == 201
        state = await there.until(lambda now: len(now.members) == 2)
        with pytest.raises(PartylineError, match=f"Already in the party: {BO[1]}"):
            await there.ask(InvitePeople(online_ids=(BO[1],)))
        peer = next(member.peer for member in state.members if not member.is_me)
        done = await there.ask(KickMember(peer=peer))
        assert done.message == "Removed Bo-Streams from the party."
        await there.until(lambda now: len(now.members) == 1)
        await bo.close()


async def test_a_friend_is_followed_into_their_party(home: Path) -> None:
    async with pipeline(home) as there:
        bo = await (await there.client.another(*BO)).open_push()
        await there.ask(FollowPlayer(online_id="bo-streams"))
        session_id = await bo.create(joinableUserType="FRIENDS", visibilityType="FRIENDS_ONLY")
        await there.until(lambda now: now.phase == "joined" and now.session_id == session_id)
        assert (await there.ask(LeaveParty())).message == "Left the party. Bo-Streams is not followed any more."
        states = [message.state for message in there.published if isinstance(message, Following)]
        assert (states[0], "looking" in states) == ("off", True)
        await bo.close()


async def test_a_killed_session_goes_on_in_the_party_after_one_view(home: Path) -> None:
    async with pipeline(home) as there:
        first = await there.ask(JoinParty(target=there.client.info.session_id))
        await there.until_called("PATCH", "/members/me", 1)
        await there.kill()
        again = Pipeline(home, there.client)
        await again.session.setup()
        resumed = await again.until(lambda now: now.phase == "joined")
        assert (resumed.members, resumed.joined_at, resumed.context_id) == (
            first.members,
            first.joined_at,
            first.context_id,
        )
        await again.until_called("GET", "/partySessions", 2)
        await again.until(lambda _: len([one for one in again.published if isinstance(one, PartyState)]) > 1)
        assert again.session._own_entry._schedule is not None
        assert again.session._own_entry._schedule.due_at() is None, "what the server shows is right"
        assert (await again.calls("POST", "/members"), await again.calls("DELETE", "/me")) == (1, 0)
        await again.session.stop()
        assert there.client.account_id not in await again.names(first.session_id)
        await again.kill()
