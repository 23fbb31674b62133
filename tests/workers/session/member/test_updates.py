"""What push events and time mean for the membership, as actions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from common.basic.clock import Moment
from common.messages import PushEvent
from common.psn.party.push import HOLD_S
from common.run.wake import Wake
from tests.workers.session.member.rig import HERE, MembershipRig
from tests.workers.session.party.made import entry, event
from workers.session.actions import LostParty, NameMembers, PublishParty, RequestResync, ScheduleExpiry
from workers.session.member.membership_states import MembershipState
from workers.session.member.updates import REMEMBER_S, PartyUpdates


async def joined(home: Path) -> tuple[MembershipRig, PartyUpdates]:
    there = MembershipRig(home)
    await there.join()
    return there, PartyUpdates(there.membership, there.file)


def numbered(there: MembershipRig, number: int, name: str, data: dict[str, Any]) -> PushEvent:
    made = event(f"v2:ps:{name}", data, session=HERE)
    return msgspec.structs.replace(made, contexts=((there.file.now.context_id, number),))


async def test_a_change_is_saved_and_published(home: Path) -> None:
    there, updates = await joined(home)
    named, published = updates.on_push_event(
        event("v2:ps:sessionName:updated", {"sessionName": "x"}, session=HERE), 0.0
    )
    assert isinstance(named, NameMembers)
    assert isinstance(published, PublishParty)
    assert (published.state.name, there.file.now.name) == ("x", "x")
    assert updates.on_push_event(event("v2:ps:sessionName:updated", {"sessionName": "y"}, session="other"), 0.0) == []


async def test_a_member_without_a_name_asks_for_a_resync(home: Path) -> None:
    _, updates = await joined(home)
    actions = updates.on_push_event(event("v2:ps:members:created", {"members": [entry("3")]}, session=HERE), 0.0)
    assert RequestResync("a member has no name") in actions


async def test_a_missing_event_is_waited_for_and_then_resynced(home: Path) -> None:
    there, updates = await joined(home)
    later = numbered(there, 3, "sessionName:updated", {"sessionName": "late"})
    assert updates.on_push_event(later, 100.0) == [ScheduleExpiry(100.0 + HOLD_S)]
    assert updates.on_expiry(100.0) == [ScheduleExpiry(100.0 + HOLD_S)], "too early"
    resync, _, published = updates.on_expiry(100.0 + HOLD_S)
    assert resync == RequestResync("a push event is missing")
    assert isinstance(published, PublishParty)
    assert published.state.name == "late"


async def test_a_reopened_channel_waits_for_nothing(home: Path) -> None:
    there, updates = await joined(home)
    updates.on_push_event(numbered(there, 3, "sessionName:updated", {"sessionName": "late"}), 100.0)
    assert [type(action) for action in updates.on_channel_reopened()] == [NameMembers, PublishParty]
    assert updates.on_expiry(200.0) == []


async def test_the_end_of_the_party_is_published_with_its_reason(home: Path) -> None:
    there, updates = await joined(home)
    published, lost = updates.on_push_event(event("v2:partySession:deleted", session=HERE), 0.0)
    assert isinstance(published, PublishParty)
    assert (published.state.phase, published.state.end) == ("none", "ended")
    assert isinstance(lost, LostParty)
    assert (there.membership.state, there.membership.party) == (MembershipState.OUT, None)
    assert updates.on_push_event(event("v2:partySession:deleted", session=HERE), 0.0) == []


@pytest.mark.parametrize("phase", ["joining", "leaving"])
async def test_a_party_that_ends_before_we_are_in_it_or_while_we_leave_changes_nothing(home: Path, phase: str) -> None:
    there, updates = await joined(home)
    there.file.keep(msgspec.structs.replace(there.file.now, phase=phase))
    assert updates.on_push_event(event("v2:partySession:deleted", session=HERE), 0.0) == []
    assert there.membership.party is not None


async def test_time_is_saved_now_and_then_while_we_are_in(home: Path) -> None:
    there, updates = await joined(home)
    seen = there.file.now.seen
    assert seen is not None
    for second in (5.0, 40.0, REMEMBER_S + 2.0):
        now = Moment(boot=seen.boot, boot_s=seen.boot_s + second, unix=seen.unix + second)
        updates.on_tick(now, connected=True)
        assert there.file.now.seen == (now if second > REMEMBER_S else seen)


@pytest.mark.parametrize("slept", [True, False])
async def test_a_sleep_asks_for_a_resync_and_counts_as_away(home: Path, *, slept: bool) -> None:
    there, updates = await joined(home)
    begun = Moment.now()
    found = updates.on_wake(Wake(600.0, slept=slept))
    assert [type(one) for one in found] == [RequestResync]
    later = begun.earlier(-600.0)
    updates.on_tick(later, connected=True)
    assert there.membership.absence.away_s(later) >= 599.0
    assert updates.on_wake(Wake(4.0, slept=False)) == []
