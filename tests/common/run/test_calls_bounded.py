"""Random sequences of faults, in made-up time: how often PlayStation's servers are called by workers that keep ending.

What decides is the product's own: `common.run.lives` (when a worker may begin, and how often one that calls) and
`common.psn.http.pace` (calls and openings, in the file that all share). What a start costs is that of the real workers:
auth refreshes at most (with all its tries), session reads the party and the list, signaling asks for a server and
opens; each opening has session read once more.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from common.config.tables import PsnSettings
from common.psn.http.pace import CallRate, Openings, PaceState
from common.run.lives import FREE_SHORT_RUNS, LONGEST_WAIT_S, START_BURST, START_INTERVAL_S, Lives, begin, take_start

PSN = PsnSettings()
COST = {"auth": 1 + PSN.retries, "session": 2, "signaling": 1, "media": 0}
STARTS_A_MINUTE = FREE_SHORT_RUNS + 7
"""Three at once, then after 1, 2, 4, 8, 16 and 32 s."""
HOUR_S = 3600.0
WORST_AN_HOUR = 120
"""A tenth of the limit of about 1200: all workers at once end at their first breath, and every refresh takes all its
tries."""


@dataclass
class World:
    """Workers that are started again by supervisord whenever they end, after `RESTART_S`."""

    lives: dict[str, Lives] = field(default_factory=dict)
    pace: PaceState = field(default_factory=PaceState)
    offset_s: float = 0.0
    """The clock since the boot begins anew with the machine."""
    starts: list[tuple[float, str]] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    openings: list[float] = field(default_factory=list)

    def boot_s(self, now: float) -> float:
        return now - self.offset_s

    def start(self, name: str, now: float) -> float:
        """Start a worker; return when its work begins."""
        self.lives[name], wait_s = begin(self.lives.get(name, Lives()), self.boot_s(now))
        if COST[name]:
            self.lives[name], put_off_s = take_start(self.lives[name], self.boot_s(now))
            wait_s = max(wait_s, put_off_s)
        at = now + wait_s
        self.starts.append((at, name))
        for _ in range(COST[name]):
            self.call(at)
        if name == "signaling":
            self.pace, wait_s = Openings(PSN.push_open_every_s, PSN.push_open_burst).take(self.pace, self._ns(at))
            if not wait_s:
                self.openings.append(at)
                self.call(at)
                self.call(at)  # session reads the party
        return at

    def call(self, at: float) -> None:
        self.pace, wait_s = CallRate(PSN.calls_per_s, PSN.call_burst).take(self.pace, self._ns(at))
        self.calls.append(at + wait_s)

    def _ns(self, at: float) -> int:
        return round(self.boot_s(at) * 1e9)


RESTART_S = 0.5
LIFE = st.sampled_from([0.0, 0.1, 1.1, 5.0, 30.0, 59.9, 60.1, 61.0, 300.0]) | st.floats(0.0, 400.0)
FAULTS = st.fixed_dictionaries({name: st.lists(LIFE, min_size=1, max_size=60) for name in COST})


def run(faults: dict[str, list[float]], until_s: float, reboots: tuple[float, ...] = ()) -> World:
    """Have every worker end after the lives given for it, over and over, and the machine start anew at `reboots`."""
    world, numbers = World(), dict.fromkeys(faults, 0)
    due = [(10.0, name) for name in faults]
    heapq.heapify(due)
    left = sorted(reboots)
    while due[0][0] < until_s:
        now, name = heapq.heappop(due)
        if left and now >= left[0]:
            world.offset_s = left.pop(0)
        lives = faults[name]
        life_s = lives[numbers[name] % len(lives)]
        numbers[name] += 1
        at = world.start(name, now)
        heapq.heappush(due, (at + life_s + RESTART_S, name))
    return world


def most_within(times: list[float], within_s: float) -> int:
    times = sorted(times)
    first, most = 0, 0
    for last, at in enumerate(times):
        while times[first] <= at - within_s:
            first += 1
        most = max(most, last - first + 1)
    return most


@given(FAULTS)
def test_no_sequence_of_faults_has_many_starts_or_calls_in_a_minute(faults: dict[str, list[float]]) -> None:
    world = run(faults, 1800.0)
    for name in faults:
        assert most_within([at for at, one in world.starts if one == name], 60.0) <= STARTS_A_MINUTE
    most = STARTS_A_MINUTE * sum(COST.values()) + 2 * PSN.push_open_burst
    assert most_within(world.calls, 60.0) <= min(most, PSN.call_burst + 60 * PSN.calls_per_s + 1)
    assert most_within(world.openings, 60.0) <= PSN.push_open_burst + 1


@given(FAULTS, st.lists(st.floats(60.0, HOUR_S), max_size=3).map(tuple))
def test_no_hour_comes_to_the_limit_even_with_reboots(
    faults: dict[str, list[float]], reboots: tuple[float, ...]
) -> None:
    world = run(faults, HOUR_S, reboots)
    assert len(world.calls) <= WORST_AN_HOUR + START_BURST * (sum(COST.values()) + 3) * len(reboots)


@given(FAULTS)
def test_no_later_hour_has_more_either(faults: dict[str, list[float]]) -> None:
    calls = run(faults, 3 * HOUR_S).calls
    assert most_within(calls, HOUR_S) <= WORST_AN_HOUR


@given(st.sampled_from([name for name in COST if COST[name]]), LIFE)
def test_a_first_crash_and_two_more_are_over_at_once(name: str, life_s: float) -> None:
    world, now = World(), 10.0
    for _ in range(FREE_SHORT_RUNS):
        at = world.start(name, now)
        assert at == now
        now = at + life_s + RESTART_S


def test_who_crashes_now_and_then_is_never_put_off() -> None:
    world, now = World(), 10.0
    for _ in range(50):
        assert world.start("session", now) == now
        now += START_INTERVAL_S + RESTART_S


def test_what_a_person_asks_ends_the_wait_and_the_budget_stays_spent() -> None:
    lives = Lives(running=True, began_s=100.0)
    waits = []
    for _ in range(START_BURST + 2):
        lives, wait_s = take_start(lives, 100.0)
        waits.append(wait_s)
    assert waits == [0.0] * START_BURST + [START_INTERVAL_S, START_INTERVAL_S]
    assert begin(lives, 101.0)[0].full_s == lives.full_s
    assert begin(msgspec.structs.replace(lives, running=False), 101.0)[0].full_s == 0.0, "a stop in good order"
    later = msgspec.structs.replace(lives, full_s=1e9)
    assert take_start(later, 101.0)[1] == START_INTERVAL_S, "a clock that was restarted"


def test_the_worst_loop_of_all_workers_is_hardly_one_start_a_minute() -> None:
    world = run({name: [0.0] for name in COST}, HOUR_S)
    for name in COST:
        assert sum(one == name for _, one in world.starts) <= HOUR_S / LONGEST_WAIT_S + STARTS_A_MINUTE


def test_without_the_holding_back_the_same_faults_would_be_hundreds_of_starts() -> None:
    """The model sees what it is to see: a worker that lives a second is started 2400 times an hour by supervisord."""
    world = World()
    now = 0.0
    while now < HOUR_S:
        world.lives.clear()
        now = world.start("media", now) + 1.0 + RESTART_S
    assert len(world.starts) > 2000
