"""The connection to a stand-in for Streamer.bot: with and without a password, away and back, refusals."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
import structlog

from common.config.integration_tables import PartyEventName, StreamerbotSettings
from common.config.tables import Settings
from common.files.paths import CHECKOUT, Paths
from common.requests import SetMute
from integrations.catalogue import Around
from integrations.client.access import ApiAccess
from integrations.streamerbot import bot_link
from integrations.streamerbot.bot_link import StreamerbotLink
from integrations.streamerbot.event_finder import PartyEvent
from integrations.streamerbot.run import PartyEvents, check
from tests.integrations.streamerbot.fake_streamerbot import FakeStreamerbot, served
from tests.support.waiting import until

PASSWORD = "of a test"  # made up
SPEAKS = PartyEvent("speaks", {"event": "speaks", "user": "Bo"})


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot_link, "WAITS_S", (0.02,))
    monkeypatch.setattr(bot_link, "HELLO_S", 0.2)


@asynccontextmanager
async def linked(bot: FakeStreamerbot, **keys: Any) -> AsyncIterator[StreamerbotLink]:
    link = StreamerbotLink(StreamerbotSettings(port=bot.port, **keys))
    task = asyncio.create_task(link.run())
    try:
        yield link
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def sent(bot: FakeStreamerbot, link: StreamerbotLink) -> dict[str, Any]:
    """Send the event until it has arrived: it is dropped while there is no connection."""
    before = len(bot.done)

    def arrives() -> bool:
        link.send(SPEAKS)
        return len(bot.done) > before

    await until(arrives, "the event arrives", every_s=0.05)
    return bot.done[before]


@pytest.mark.parametrize(("password", "enforced"), [("", False), (PASSWORD, False), (PASSWORD, True)])
async def test_an_event_becomes_a_trigger(password: str, enforced: bool) -> None:  # a row
    async with served(FakeStreamerbot(password, enforced=enforced)) as bot, linked(bot, password=password) as link:
        done = await sent(bot, link)
        assert (done["request"], done["triggerName"], done["args"]) == (
            "ExecuteCodeTrigger", "partyline_speaks", dict(SPEAKS.args)
        )  # fmt: skip
        assert bot.authenticated == bool(password)


async def test_a_password_that_nobody_asks_for_is_no_fault() -> None:
    async with served(FakeStreamerbot()) as bot, linked(bot, password=PASSWORD) as link:
        await sent(bot, link)


async def test_a_wrong_password_is_told_without_it() -> None:
    with structlog.testing.capture_logs() as logs:
        async with served(FakeStreamerbot(PASSWORD)) as bot, linked(bot, password="wrong one"):
            await until(lambda: any("refused the password" in str(one) for one in logs), "it is told")
    assert "wrong one" not in str(logs)
    assert bot.done == []


async def test_without_the_password_that_is_enforced_the_refusal_is_told_once() -> None:
    with structlog.testing.capture_logs() as logs:
        async with served(FakeStreamerbot(PASSWORD, enforced=True)) as bot, linked(bot) as link:
            await until(lambda: any("not authenticated" in str(one) for one in logs), "it is told")
            for _ in range(3):
                link.send(SPEAKS)
            await until(lambda: any("ExecuteCodeTrigger" in str(one) for one in logs), "of the event too")
    assert bot.done == []
    told = [one for one in logs if "ExecuteCodeTrigger" in str(one)]
    assert len(told) == 1
    assert "password" in told[0]["remedy"]


async def test_an_action_is_run_and_what_is_missing_is_told() -> None:
    with structlog.testing.capture_logs() as logs:
        async with served(FakeStreamerbot()) as bot:
            async with linked(bot, triggers=(), actions={"speaks": "Show speaker", "left": "No"}) as link:
                done = await sent(bot, link)
            async with linked(bot, triggers=("speaks", "joined")) as link:
                await sent(bot, link)
    assert done["action"] == {"name": "Show speaker"}
    told = {one["event"]: one["error"] for one in logs if one["log_level"] == "warning"}
    assert told["actions are missing"] == "Streamer.bot has no action No."
    assert told["triggers are missing"] == "Streamer.bot has no trigger partyline_joined."


async def test_it_is_waited_for_and_found_again_and_old_events_are_not_told() -> None:
    bot = FakeStreamerbot()
    with structlog.testing.capture_logs() as logs:
        async with linked(bot) as link:
            await until(lambda: any(one["event"] == "waits for Streamer.bot" for one in logs), "that it waits is told")
            link.send(SPEAKS)
            async with served(bot):
                await until(lambda: any("connected" in one["event"] for one in logs), "it is connected")
                assert bot.done == []
                await sent(bot, link)
                await bot.close_clients()
            async with served(bot):
                await sent(bot, link)
    assert all(one["remedy"] for one in logs if one["log_level"] == "warning")


async def test_a_bot_that_hangs_is_told_and_few_events_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot_link, "ANSWER_S", 0.3)
    with structlog.testing.capture_logs() as logs:
        async with served(FakeStreamerbot()) as bot, linked(bot, triggers=("speaks",)) as link:
            await sent(bot, link)
            bot.mute = True
            for _ in range(3 * bot_link.MOST_WAITING):
                link.send(SPEAKS)
            await until(lambda: any("did not answer ExecuteCodeTrigger" in str(one) for one in logs), "it is told")
    assert len([one for one in logs if one["event"] == "events are lost"]) == 1


async def test_what_the_api_tells_is_sent() -> None:
    async with served(FakeStreamerbot()) as bot, linked(bot) as link:
        await sent(bot, link)
        events = PartyEvents(link)
        state = {"party.state/": {"phase": "joined", "members": [
            {"account_id": "2", "platform": "PS5", "online_id": "Bo"}
        ]}}  # fmt: skip
        events.on_state(state)
        events.on_lost()
        events.on_state({**state, "peer.speaking/2.PS5": {"speaking": True}})
        await until(lambda: bot.done[-1]["args"].get("peer") == "2.PS5", "that he speaks arrives")


async def test_the_settings_in_words(tmp_path: Path) -> None:
    bot = StreamerbotSettings(password=PASSWORD, triggers=("speaks",), actions={"left": "Bye"})
    settings = msgspec.structs.replace(Settings(), streamerbot=bot)
    around = Around(find=lambda: ApiAccess("http://here", "k"), settings=settings, paths=Paths(tmp_path))
    assert [part.words for part in await check(around)] == [
        "ws://127.0.0.1:8080/, with a password.", "speaks: trigger partyline_speaks", "left: action “Bye”"
    ]  # fmt: skip


def test_the_code_in_the_notes_fits() -> None:
    notes = (CHECKOUT / "notes" / "integrations" / "streamerbot.md").read_text("utf-8")
    listed = re.search(r"new\[\] \{ ((?:\"\w+\",?\s*)+)\}\)", notes)
    assert listed
    assert tuple(re.findall(r"\w+", listed[1])) == get_args(PartyEventName) == StreamerbotSettings().triggers
    assert "/api/v1/requests/SetMute" in notes
    (body,) = re.findall(r"body: JSON.stringify\((\{.*?\})\)", notes)
    fields = re.findall(r"(\w+):? ", body.replace("{ ", "").replace(" }", " "))
    assert {"peer", "muted"} <= set(fields) & set(SetMute.__struct_fields__)
