"""Nothing about a party is sent once we are out of it, whatever it waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from common.errors import PartyError, PartylineError
from common.messages import Member, PartyState
from common.psn.errors import BadAnswerError, NotAMemberError, RefusedError
from common.psn.party.customdata import CustomData4
from common.psn.party.sessions import Party, PartyMember
from common.requests import Token
from workers.session.events.resync import Resync
from workers.session.member.membership import Membership
from workers.session.memory import MemoryFile
from workers.session.party.call_scope import CallScope

HERE = "f0f1f2f3-0001-4002-8003-a0a1a2a3a4a5"


async def test_what_waits_ends_with_the_membership_and_nothing_new_begins() -> None:
    stay, sent = CallScope(), []

    async def call() -> None:
        await asyncio.sleep(3600)
        sent.append("sent")

    waiting = asyncio.create_task(stay.during(call()))
    await asyncio.sleep(0)
    stay.end()
    for late in (waiting, stay.during(call())):
        with pytest.raises(PartyError, match="left meanwhile"):
            await late
    assert sent == []


async def test_what_a_call_returns_or_raises_comes_through() -> None:
    async def fine() -> int:
        return 7

    async def bad() -> int:
        raise RefusedError("x")

    assert await CallScope().during(fine()) == 7
    with pytest.raises(RefusedError):
        await CallScope().during(bad())


async def test_whoever_is_cancelled_takes_the_call_along() -> None:
    stay, ended = CallScope(), []

    async def call() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append("ended")

    task = asyncio.create_task(stay.during(call()))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["ended"]


class Calls:
    """A party of two. `hold` makes every call but leave wait until it is set; `sent` has what was let through."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.hold = asyncio.Event()
        self.hold.set()
        self.views: list[Exception | None] = []
        self.own_data4 = CustomData4()

    async def _send(self, what: str) -> None:
        await self.hold.wait()
        self.sent.append(what)

    async def join(self, session_id: str, *_: Any) -> Party:
        await self._send("join")
        return Party(session_id=session_id)

    async def party(self, session_id: str, *_: Any) -> Party:
        await self._send("view")
        if self.views and (error := self.views.pop(0)) is not None:
            raise error
        entries = (PartyMember(account_id="1", platform="MOBILE_APP"), PartyMember(account_id="2", platform="PS5"))
        return Party(session_id=session_id, members=entries)

    async def names(self, accounts: list[str]) -> dict[str, str]:
        await self._send("names")
        return dict.fromkeys(accounts, "Somebody")

    async def parties(self, *_: Any) -> list[Party]:
        await self._send("list")
        return [await self.party(HERE)]

    async def tell(self, *_: Any) -> None:
        await self._send("tell")

    async def leave(self, session_id: str) -> None:
        self.sent.append(f"leave {session_id}")


class Tokens:
    async def token(self, rejected: str = "") -> Token:
        return Token(access_token=rejected or "t", account_id="1", duid="d", expires_at=9e9)


class There:
    def __init__(self, home: Path) -> None:
        self.calls = Calls()
        self.said: list[PartyState] = []
        self.doubts: list[str] = []
        memory = MemoryFile(home / "m.json", "here")
        self.membership = Membership(self.calls, Tokens(), memory, self.said.append, self.doubts.append)  # type: ignore[arg-type]

    async def join(self) -> None:
        async def push_open() -> None:
            return None

        await self.membership.join(HERE, "", "MOBILE_APP", push_open)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_leave_breaks_off_readings_and_tellings_and_nothing_comes_after_it(home: Path) -> None:
    there = There(home)
    telling = asyncio.create_task(there.membership.telling.run())
    await there.join()
    await until(lambda: "tell" in there.calls.sent)
    there.calls.hold.clear()
    reading = asyncio.create_task(there.membership.reconcile())
    asked = asyncio.create_task(there.membership.during(there.calls.tell()))
    await asyncio.sleep(0.02)
    await there.membership.leave("Left the party.")  # it does not wait for the reading
    there.calls.hold.set()
    await reading
    with pytest.raises(PartyError):
        await asked
    with pytest.raises(PartyError):
        await there.membership.during(there.calls.tell())
    await asyncio.sleep(0.1)
    assert there.calls.sent[-1] == f"leave {HERE}"
    telling.cancel()


async def test_a_view_that_fails_after_a_join_is_doubted_and_the_party_goes_on(home: Path) -> None:
    there = There(home)
    there.calls.views = [BadAnswerError("no JSON"), RefusedError("x", status=400), None]
    await there.join()
    assert (there.said[-1].phase, there.said[-1].members_known, len(there.doubts)) == ("joined", False, 1)
    with pytest.raises(RefusedError):
        await there.membership.reconcile()
    assert there.membership.state().phase == "joined"
    await there.membership.reconcile()
    assert there.membership.state().members_known
    assert [m.account_id for m in there.membership.state().members] == ["1", "2"]


async def test_a_view_that_does_not_show_us_yet_does_not_cost_us_the_party(home: Path) -> None:
    there = There(home)

    async def without_us(session_id: str, *_: Any) -> Party:
        return Party(session_id=session_id, members=(PartyMember(account_id="2", platform="PS5"),))

    seen, there.calls.party = there.calls.party, without_us  # type: ignore[method-assign]
    await there.join()
    with pytest.raises(BadAnswerError, match="does not show us in the party yet"):
        await there.membership.reconcile()
    there.calls.party = seen  # type: ignore[method-assign]
    await there.membership.reconcile()
    assert (there.membership.state().phase, there.membership.members_known) == ("joined", True)
    assert not any(one.startswith("leave") for one in there.calls.sent)


async def test_not_a_member_is_taken_as_left_without_another_call(home: Path) -> None:
    there = There(home)
    await there.join()
    before = list(there.calls.sent)

    async def refused() -> None:
        raise NotAMemberError("x", sony_code=2233351)

    with pytest.raises(NotAMemberError):
        await there.membership.during(refused())
    assert (there.said[-1].phase, there.said[-1].end) == ("none", "dropped")
    assert there.calls.sent == before


@pytest.mark.parametrize("error", [BadAnswerError("x"), RefusedError("x", status=400), PartylineError("x")])
async def test_whatever_a_reading_meets_it_is_tried_again(error: PartylineError) -> None:
    met, told = [error, error, None], []

    async def settle() -> None:
        if (failure := met.pop(0)) is not None:
            raise failure

    done = asyncio.Event()
    doubts = Resync(settle, told.append, done.set, 0.05)
    task = asyncio.create_task(doubts.run())
    doubts.raise_("a test")
    async with asyncio.timeout(30):
        await done.wait()
    assert told == [error, error]
    task.cancel()


async def test_another_membership_does_not_wait_for_the_failures_of_the_last_one() -> None:
    told: list[PartylineError] = []
    met: list[PartylineError | None] = [BadAnswerError("x"), None]

    async def settle() -> None:
        if (failure := met.pop(0)) is not None:
            raise failure

    done = asyncio.Event()
    doubts = Resync(settle, told.append, done.set, 3600.0)
    doubts._failures = 10  # as after a long outage: an hour until the next try
    task = asyncio.create_task(doubts.run())
    doubts.raise_("a test")
    await until(lambda: told)
    await asyncio.sleep(0)
    doubts.begin()
    async with asyncio.timeout(30):
        await done.wait()
    task.cancel()


async def test_a_view_that_says_not_a_member_ends_the_party_without_a_leave(home: Path) -> None:
    there = There(home)
    await there.join()
    there.calls.views = [NotAMemberError("x", status=404, sony_code=2233351)]
    await there.membership.reconcile()
    assert (there.said[-1].phase, there.said[-1].end) == ("none", "dropped")
    assert not any(one.startswith("leave") for one in there.calls.sent)


def test_a_member_is_an_account_on_a_platform() -> None:
    assert Member(account_id="1", platform="PS5").peer != Member(account_id="1", platform="MOBILE_APP").peer
