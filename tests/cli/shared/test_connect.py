"""Requests to a worker that is replaced, or held back."""

from __future__ import annotations

import asyncio

import pytest

from cli.shared import connect
from cli.shared.failures import CommandError
from common.basic.clock import boot_s
from common.messages.wire import Received
from common.requests import LeaveParty
from tests.cli.shared.bus_states import bus_state, received
from tests.support.made import health


class Restarting:
    """A bus on which the worker that was asked is replaced, and the question is lost with it."""

    def __init__(self) -> None:
        self.looks = 0

    async def request(self, request: object, wait_s: float) -> object:
        await asyncio.sleep(wait_s)
        raise AssertionError

    async def snapshot(self, *_: object, **__: object) -> list[Received]:
        self.looks += 1
        return [received(health("session", boot=f"b{min(self.looks, 2)}", beat_s=boot_s()))]


async def test_a_question_that_was_lost_with_its_worker_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(connect, "ABSENT_S", 0.01)
    with pytest.raises(CommandError, match="was restarted before it answered"):
        await connect.ask(Restarting(), LeaveParty(), 60.0)


def test_a_worker_that_is_held_back_cannot_be_asked():
    held = bus_state(health("session", state="starting", detail="waits 9 s: x", beat_s=boot_s()))
    with pytest.raises(CommandError, match="session worker is not running"):
        connect.must_run(held, "session")
    connect.must_run(bus_state(health("session", state="starting", beat_s=boot_s())), "session")
