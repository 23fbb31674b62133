from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from common.messages import PartyState
from tests.workers.session.automatic.rig import Joins, Problems
from tests.workers.session.member.rig import MembershipRig
from workers.session.actions import LostParty
from workers.session.automatic.followed import FollowedFile
from workers.session.automatic.follower import Follower
from workers.session.automatic.joins import AutomaticJoins
from workers.session.automatic.poll_schedule import PollSchedule
from workers.session.automatic.rejoin import Rejoin
from workers.session.events.event_kind import EventKind


class Demo:
    def __init__(self) -> None:
        self.woken = 0

    def wake(self) -> None:
        self.woken += 1

    def link(self) -> str:
        return "link"


def parts(home: Path, *, demo: bool = True) -> SimpleNamespace:
    there, made = MembershipRig(home), Demo()
    file = FollowedFile(home / "f.json", "here")
    follower = Follower(file, PollSchedule(60.0), SimpleNamespace(), there.membership)  # type: ignore[arg-type]
    rejoin = Rejoin(900.0, Joins(), Problems())  # type: ignore[arg-type]
    automatic = AutomaticJoins(there.file, follower, rejoin, made if demo else None)  # type: ignore[arg-type]
    return SimpleNamespace(automatic=automatic, follower=follower, rejoin=rejoin, demo=made, file=there.file)


def test_a_request_of_the_user_stops_all_of_them_and_is_remembered(home: Path) -> None:
    made = parts(home)
    made.automatic.follow("2", "Bo")
    made.automatic.on_lost(LostParty(session_id="s", cpss_id="", end="dropped", away_s=1.0))
    assert made.automatic.stop(77) == " Bo is not followed any more."
    assert (made.follower.follows, made.rejoin._lost, made.file.now.left_under) == (False, None, 77)
    assert made.automatic.stop() == ""
    assert made.file.now.left_under == 0


def test_following_a_player_ends_a_rejoin_and_an_earlier_leave(home: Path) -> None:
    made = parts(home)
    made.file.set_left_under(77)
    made.automatic.on_lost(LostParty(session_id="s", cpss_id="", end="gone", away_s=1.0))
    made.automatic.follow("2", "Bo")
    assert (made.follower.follows, made.rejoin._lost, made.file.now.left_under) == (True, None, 0)
    assert made.automatic.stop_following() == "Bo is not followed any more."


@pytest.mark.parametrize(("demo", "link"), [(True, "link"), (False, None)])
def test_the_demo_is_part_of_it_in_the_simulators_network_only(home: Path, demo: bool, link: str | None) -> None:
    made = parts(home, demo=demo)
    made.automatic.on_party(PartyState(phase="none"))
    made.automatic.wake()
    assert (made.automatic.demo_link(), made.demo.woken) == (link, 2 if demo else 0)


def test_events_about_other_parties_and_an_open_channel_wake_the_follower(home: Path) -> None:
    made = parts(home)
    for kind, wakes in (
        (EventKind(outside=False, party_deleted=True, invitation=""), False),
        (EventKind(outside=True, party_deleted=False, invitation=""), True),
        (EventKind(outside=False, party_deleted=False, invitation="other"), True),
    ):
        made.follower._woken.clear()
        made.automatic.on_push_event(kind)
        assert made.follower._woken.is_set() is wakes
    made.follower._woken.clear()
    made.automatic.on_channel_open()
    assert made.follower._woken.is_set()


def test_a_sleep_ends_the_waits_of_all_of_them(home: Path) -> None:
    made = parts(home)
    made.follower._woken.clear()
    made.automatic.on_wake()
    assert made.follower._woken.is_set()
    assert made.rejoin._woken.is_set()
    assert made.demo.woken == 1
