"""The lasting connection, against a real dashboard worker that goes away and comes back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from common.api.frames import Subscribe
from common.config.pages import load_keys
from common.errors import PartyError, PartylineError
from common.requests import SetMute
from integrations.client import api_client
from integrations.client.access import ApiAccess, ApiAccessError, ApiAwayError
from integrations.client.api_client import ApiClient
from tests.support.waiting import until
from tests.workers.dashboard.stage import Stage, member, staged

BO = member(1)


class Heard:
    """What a listener was told."""

    def __init__(self) -> None:
        self.states: list[dict[str, Any]] = []
        self.events: list[tuple[str, Any]] = []
        self.lost = 0

    def on_state(self, topics: dict[str, Any]) -> None:
        self.states.append(dict(topics))

    def on_event(self, topic: str, message: Any) -> None:
        self.events.append((topic, message))

    def on_lost(self) -> None:
        self.lost += 1


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as stage:
        stage.furnish()
        stage.party(2)
        yield stage


@contextlib.asynccontextmanager
async def connected(stage: Stage, heard: Heard) -> AsyncIterator[ApiClient]:
    client = ApiClient(lambda: ApiAccess(stage.origin, load_keys(stage.paths).full), Subscribe(id=0), heard)
    running = asyncio.create_task(client.run())
    try:
        await until(lambda: client.connected or running.done(), "it is connected")
        yield client
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def test_it_has_the_state_then_each_change_and_makes_requests(stage: Stage) -> None:
    heard = Heard()
    async with connected(stage, heard) as client:
        await until(lambda: client.topics.get("party.state/", {}).get("name") == "Friday raid", "the party is there")
        assert heard.states
        stage.speak(BO)
        await until(lambda: client.topics.get(f"peer.speaking/{BO.peer}", {}).get("speaking"), "he is heard to speak")
        assert heard.events
        assert client.may("LeaveParty")
        assert not client.may("SignOut"), "no key may"
        await client.ask("SetMute", peer=BO.peer, muted=True)
        stage.await_asked(SetMute(peer=BO.peer, muted=True))
        with pytest.raises(PartylineError, match="gain_db") as refused:
            await client.ask("SetGain", peer=BO.peer, gain_db=99)
        assert refused.value.code == "api.bad-request"


async def test_a_refusal_of_a_worker_comes_in_its_words(stage: Stage) -> None:
    def refuse(_: Any) -> Any:
        raise PartyError("The party is full.", "Try later.", code="session.full")

    stage.answers["JoinParty"] = refuse
    async with connected(stage, Heard()) as client:
        with pytest.raises(PartylineError, match="party is full") as refused:
            await client.ask("JoinParty", target="s-2")
    assert (refused.value.code, refused.value.remedy) == ("session.full", "Try later.")


async def test_it_comes_back_after_the_server_was_killed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_client, "WAITS_S", (0.1,))
    heard = Heard()
    async with connected(stage, heard) as client:
        await asyncio.to_thread(stage.dashboard.kill)
        await until(lambda: heard.lost == 1, "the loss is told")
        assert not client.connected
        with pytest.raises(ApiAwayError):
            await client.ask("SetMute", peer=BO.peer, muted=False)
        await asyncio.to_thread(stage.start_dashboard)
        await until(lambda: len(heard.states) >= 2 and "party.state/" in client.topics, "the state is there again")
        assert client.connected


async def test_a_key_that_is_refused_is_for_a_person_to_change(stage: Stage) -> None:
    client = ApiClient(lambda: ApiAccess(stage.origin, "pl.nobody.x"), Subscribe(id=0), Heard())
    with pytest.raises(ApiAccessError) as refused:
        await client.run()
    assert refused.value.remedy


async def test_a_topic_that_there_is_not_is_said(stage: Stage) -> None:
    client = ApiClient(
        lambda: ApiAccess(stage.origin, load_keys(stage.paths).full), Subscribe(id=0, topics=("no",)), Heard()
    )
    with pytest.raises(PartylineError, match="no topic"):
        await client.run()
