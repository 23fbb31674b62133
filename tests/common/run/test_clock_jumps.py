"""What is kept over a restart, under a wall clock that jumps by hours to either side, and over reboots."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from common.basic.clock import Moment, boot_id, preloaded
from common.messages import PushEvent
from common.psn.http.pace import Closed
from common.psn.party.push import PREFIX
from common.run.wake import WakeDetector
from workers.session.actions import LostParty
from workers.session.automatic import rejoin
from workers.session.automatic.rejoin import MOST, WITHIN_S, Rejoin
from workers.session.events.event_kind import kind_of
from workers.session.invitations import LONGEST_S, ReceivedInvitations
from workers.session.leave.pending_leaves import LONGEST_S as LEAVE_S
from workers.session.leave.pending_leaves import SLOWEST_S, PendingLeave
from workers.session.member.absence import Absence
from workers.signaling.memory import SignalingMemoryFile
from workers.signaling.transports.bridge.memory import CREATE_WAIT_S, OwnBridge

DAY_S = 86_400.0
WALL = st.floats(-30 * DAY_S, 30 * DAY_S)
"""How far the wall clock is off."""
STEPS = st.lists(st.tuples(st.floats(0.0, 4000.0), WALL), min_size=1, max_size=40)
"""What passes, and how far the wall clock is off after it."""


def moment(ran_s: float, off_s: float, boot: str = "b") -> Moment:
    return Moment(boot=boot, boot_s=1000.0 + ran_s, unix=1.8e9 + ran_s + off_s)


def walk(steps: list[tuple[float, float]]) -> list[tuple[float, Moment]]:
    ran_s, out = 0.0, []
    for passed_s, off_s in steps:
        ran_s += passed_s
        out.append((ran_s, moment(ran_s, off_s)))
    return out


def test_the_machine_tells_its_runs_apart() -> None:
    assert boot_id()
    now = Moment.now()
    assert now.boot == boot_id()
    assert 0.0 <= now.ago_s(Moment.now()) < 60.0


def test_a_preloaded_clock_is_noticed() -> None:
    assert not preloaded({"PATH": "/bin", "LD_PRELOAD": ""})
    assert "faketime" in preloaded({"LD_PRELOAD": "/usr/lib/faketime/libfaketime.so.1"})


@given(WALL, WALL, st.floats(0.0, 30 * DAY_S))
def test_an_age_is_right_within_a_run_of_the_machine_and_grows_after_a_reboot(
    then_off: float, now_off: float, passed_s: float
) -> None:
    then = moment(0.0, then_off)
    assert abs(then.ago_s(moment(passed_s, now_off)) - passed_s) < 1e-3
    ran_s = 0.5 + passed_s
    rebooted = Moment(boot="another", boot_s=ran_s, unix=1.8e9 + now_off)
    assert then.ago_s(rebooted) >= ran_s


@given(WALL, STEPS)
def test_a_block_holds_as_long_as_was_said(off_s: float, steps: list[tuple[float, float]]) -> None:
    closed = Closed(kind="blocked", message="no", at=moment(0.0, off_s), for_s=900.0)
    for ran_s, now in walk(steps):
        assert abs(closed.left_s(now) - max(0.0, 900.0 - ran_s)) < 1e-3


@given(STEPS)
def test_a_leave_is_repeated_evenly_and_given_up_after_its_time_only(steps: list[tuple[float, float]]) -> None:
    one = PendingLeave(session_id="s", account_id="1", platform="PC").later(moment(0.0, 0.0))
    for ran_s, now in walk(steps):
        assert one.stale(now) is (ran_s >= LEAVE_S)
        wait_s = one.wait_s(now)
        assert 0.0 <= wait_s <= SLOWEST_S
        if wait_s <= 0:
            one = one.later(now)
            assert one.wait_s(now) > 1.0, "no storm"


@given(STEPS)
def test_a_bridge_is_made_again_after_its_wait_only(steps: list[tuple[float, float]]) -> None:
    made = OwnBridge(place="x").created("s", "b", moment(0.0, 0.0))
    for ran_s, now in walk(steps):
        assert made.may_create(now) is (ran_s >= CREATE_WAIT_S[1])


@given(st.floats(0.0, 2 * LONGEST_S), WALL)
def test_an_invitation_is_believed_for_its_time(passed_s: float, off_s: float) -> None:
    with tempfile.TemporaryDirectory() as home:
        name = PREFIX + "outside:v2:ps:invitations:created"
        event = PushEvent(epoch="e", number=1, data_type=name, session_id="s", from_account_id="1", data={})
        ReceivedInvitations(Path(home) / "i.json", "here", lambda _: None).on_push_event(
            event, kind_of(event), moment(0.0, 0.0)
        )
        again = ReceivedInvitations(Path(home) / "i.json", "here", lambda _: None)
        assert bool(again.now(moment(passed_s, off_s))) is (passed_s < LONGEST_S)


@given(st.floats(0.0, 3600.0), WALL)
def test_a_link_that_was_lost_counts_for_the_presence_timeout(passed_s: float, off_s: float) -> None:
    with tempfile.TemporaryDirectory() as home:
        first = SignalingMemoryFile(Path(home) / "m.json", "here")
        first.record_open("3.0", "1", 30.0, moment(0.0, 0.0))
        found = SignalingMemoryFile(Path(home) / "m.json", "here").loss(moment(passed_s, off_s))
        assert found is not None
        assert found.within_presence(1000.0 + passed_s) is (passed_s < 40.0)


@given(STEPS)
def test_being_away_is_what_passed_and_no_jump_of_the_clock(steps: list[tuple[float, float]]) -> None:
    away, known_s, sure, wakes = Absence(), 0.0, True, WakeDetector(1.0, 1000.0, 0.0)
    away.record_seen(moment(0.0, 0.0))
    for number, (ran_s, now) in enumerate(walk(steps), 1):
        if (wake := wakes.beat(now.boot_s, float(number))) is not None:  # a second of each step was not slept
            sure = sure and not away.on_wake(wake)
        known_s = ran_s if sure else known_s
        away.on_tick(now, connected=True)
        assert abs(away.away_s(now) - (ran_s - known_s)) < 1e-3


def test_going_back_is_bounded_whatever_the_wall_clock_says(monkeypatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(rejoin, "boot_s", lambda: clock[0])
    monkeypatch.setattr("time.time", lambda: clock[0] * -1e4)
    begun = []
    made = Rejoin(900.0, None, None)  # type: ignore[arg-type]
    for _ in range(40):
        clock[0] += 60.0
        if made.on_lost(LostParty(session_id="s", cpss_id="", end="dropped", away_s=5.0)):
            begun.append(clock[0])
    for first in begun:
        assert len([at for at in begun if first <= at < first + WITHIN_S]) <= MOST
    assert len(begun) > MOST, "and it is not for ever"
