"""Leaving a party: nothing is sent about it after that, and a leave without an answer is retried."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from common.basic.clock import Moment
from common.errors import PartyError
from common.psn.errors import UnreachableError
from tests.support.waiting import until
from tests.workers.session.member.rig import HERE, MembershipRig


async def until_sent(there: MembershipRig, what: str) -> None:
    await until(lambda: what in there.calls.sent, "what in there.calls.sent", within_s=30)


async def test_a_leave_breaks_off_readings_and_tellings_and_nothing_comes_after_it(home: Path) -> None:
    there = MembershipRig(home)
    publishing = asyncio.create_task(there.own_entry.run(there.resync.on_not_a_member))
    await there.join()
    await until_sent(there, "publish")
    there.calls.hold.clear()
    reading = asyncio.create_task(there.resync.resync())
    asked = asyncio.create_task(there.resync.during(there.calls.publish()))
    await asyncio.sleep(0.02)
    await there.leaving.leave("Left the party.")  # it does not wait for the reading
    there.calls.hold.set()
    await reading
    with pytest.raises(PartyError):
        await asked
    with pytest.raises(PartyError):
        await there.resync.during(there.calls.publish())
    await asyncio.sleep(0.1)
    assert there.calls.sent[-1] == f"leave {HERE}"
    publishing.cancel()


async def test_a_leave_ends_the_signals_then_the_membership_then_the_voice_chat(home: Path) -> None:
    there = MembershipRig(home)
    await there.join()
    assert await there.leaving.leave("Left the party.") is None
    assert there.signals == ["voice chat", f"end {HERE}"]
    assert [state.phase for state in there.published[-2:]] == ["leaving", "none"]
    assert (there.published[-1].reason, there.published[-1].end) == ("Left the party.", "left")
    assert (there.idle, there.leaving.has_party, there.leaves.now) == (True, False, ())


async def test_a_leave_that_is_not_confirmed_is_recorded_and_the_voice_chat_goes_on(home: Path) -> None:
    there = MembershipRig(home)
    await there.join()
    there.calls.leave_error = UnreachableError("no answer")
    assert await there.leaving.leave("Left the party.") is there.calls.leave_error
    assert [one.session_id for one in there.leaves.now] == [HERE]
    assert (there.published[-1].phase, there.published[-1].unconfirmed, there.idle) == ("none", 1, False)
    there.calls.leave_error = None
    assert await there.leaves.repeat(there.leaves.now[0], there.leaving)
    assert there.calls.left == [HERE, HERE]


async def test_a_retry_does_not_leave_the_party_that_we_are_in_again(home: Path) -> None:
    there = MembershipRig(home)
    there.leaves.add(HERE, "1", "MOBILE_APP")
    (pending,) = there.leaves.now
    await there.join()
    assert there.leaves.now == ()
    assert await there.leaves.repeat(pending, there.leaving)
    assert there.calls.left == []


async def test_a_party_whose_leave_was_interrupted_is_left_at_the_next_resync(home: Path) -> None:
    there = MembershipRig(home)
    await there.join()
    there.perform(there.membership.begin_leave())
    again = MembershipRig(home)
    assert again.resync.restore()
    assert again.published[-1].phase == "leaving"
    await again.resync.resync()
    assert (again.calls.left, again.published[-1].phase) == ([HERE], "none")


async def test_without_a_party_there_is_nothing_to_leave_at_the_stop(home: Path) -> None:
    there = MembershipRig(home)
    await there.leaving.leave_at_stop("", "session")
    assert there.asked == []
    await there.join()
    await there.leaving.leave_at_stop("", "session")
    assert (there.calls.left, there.published[-1].reason) == ([HERE], "partyline was stopped.")
    assert there.membership.absence.away_s(Moment.now()) < 60.0
