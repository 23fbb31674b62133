from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from common.basic.clock import Moment
from common.psn.errors import UnreachableError
from tests.workers.session.member.rig import Calls, Tokens
from workers.session.leave.pending_leaves import MOST, PendingLeaves


class Owner:
    """The membership beside which leaves are retried."""

    def __init__(self, session_id: str = "") -> None:
        self.session_id = session_id
        self.changed = asyncio.Event()

    def on_leaves_changed(self) -> None:
        self.changed.set()


def pending(home: Path, calls: Calls, tokens: Tokens | None = None) -> PendingLeaves:
    return PendingLeaves(home / "leaves.json", "here", calls, tokens or Tokens())  # type: ignore[arg-type]


async def test_a_leave_of_an_earlier_run_is_retried_and_then_forgotten(home: Path) -> None:
    kept = {"session_id": "s", "account_id": "1", "platform": "MOBILE_APP"}
    (home / "leaves.json").write_bytes(msgspec.json.encode({"place": "here", "leaves": [kept]}))
    calls, owner = Calls(), Owner()
    leaves = pending(home, calls)
    task = asyncio.create_task(leaves.run(owner))
    async with asyncio.timeout(30):
        await owner.changed.wait()
    assert (calls.left, leaves.now, pending(home, calls).now) == (["s"], (), ())
    task.cancel()


async def test_the_party_that_we_are_in_and_that_of_another_account_are_settled_without_a_call(home: Path) -> None:
    calls, tokens = Calls(), Tokens()
    leaves = pending(home, calls, tokens)
    leaves.add("s", "1", "MOBILE_APP")
    assert await leaves.repeat(leaves.now[0], Owner("S"))
    tokens.account_id = "9"
    assert await leaves.repeat(leaves.now[0])
    assert calls.left == []


async def test_a_failure_is_retried_later(home: Path) -> None:
    calls = Calls()
    calls.leave_error = UnreachableError("no answer")
    leaves = pending(home, calls)
    leaves.add("s", "1", "MOBILE_APP")
    assert not await leaves.repeat(leaves.now[0])
    assert leaves.pending() == ("s",)


def test_a_party_is_in_the_list_once_and_the_oldest_are_dropped(home: Path) -> None:
    leaves = pending(home, Calls())
    for session_id in ("0", *map(str, range(MOST + 2)), "5"):
        leaves.add(session_id, "1", "MOBILE_APP")
    assert len(leaves.now) == MOST
    assert leaves.pending()[-1] == "5"
    assert len(set(leaves.pending())) == MOST
    assert leaves.drop("5")
    assert not leaves.drop("5")


async def test_a_leave_that_became_due_in_a_sleep_is_retried_on_waking(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept_s, now = 0.0, Moment.now
    monkeypatch.setattr(Moment, "now", lambda: now().earlier(-slept_s))
    calls, owner = Calls(), Owner()
    leaves = pending(home, calls)
    leaves.add("s", "1", "MOBILE_APP")
    task = asyncio.create_task(leaves.run(owner))
    await asyncio.sleep(0)
    assert calls.left == []
    slept_s = 3600.0
    leaves.wake()
    async with asyncio.timeout(30):
        await owner.changed.wait()
    assert calls.left == ["s"]
    task.cancel()
