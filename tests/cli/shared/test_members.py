"""A request about a member is sent with the member's peer key."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest

from cli.shared import members
from cli.shared.failures import CommandError
from common.requests import SetMute
from tests.cli.shared.bus_states import full
from tests.support.made import BO


@pytest.fixture
def asked(monkeypatch):
    """Return the requests that were sent to a made-up pipeline with Bo-Streams and Cleo_99."""
    found = []

    @asynccontextmanager
    async def connect():
        yield None, full()

    async def ask(bus, request, wait_s):
        found.append(request)
        return "done"

    monkeypatch.setattr(members, "connect", connect)
    monkeypatch.setattr(members, "ask", ask)
    return found


async def test_the_member_is_found_by_name_and_the_reply_comes_with_the_name(asked):
    reply = await members.ask_about_member("bo-streams", lambda peer: SetMute(peer=peer, muted=True), 5.0)
    assert reply == ("Bo-Streams", "done")
    assert asked == [SetMute(peer=BO.peer, muted=True)]


async def test_nothing_is_sent_about_somebody_who_is_not_there(asked):
    with pytest.raises(CommandError) as error:
        await members.ask_about_member("Bob", lambda peer: SetMute(peer=peer, muted=True), 5.0)
    assert error.value.remedy == "The others in the party are: Bo-Streams, Cleo_99."
    assert asked == []
