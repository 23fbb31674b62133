"""The waits of a worker's starts, and the file that keeps them."""

from __future__ import annotations

import itertools
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.files.paths import Paths
from common.log import logs
from common.messages import WorkerHealth
from common.run import lives as module
from common.run import process
from common.run.lives import (
    BLIND_S,
    FORGET_S,
    FREE_SHORT_RUNS,
    HELD_BACK,
    LONGEST_WAIT_S,
    SHORT_S,
    START_BURST,
    Lives,
    LivesFile,
    begin,
    forget,
    keeps_ending,
    take_start_request,
    wake,
)
from common.run.worker import Worker

HOUR_S = 3600.0


def starts(life_s: float, until_s: float, restart_s: float = 1.0) -> list[float]:
    """Return when the work began, of a worker whose every life lasts `life_s`."""
    now, kept, begun = 1000.0, Lives(), []
    while now < 1000.0 + until_s:
        kept, wait_s = begin(kept, now)
        now += wait_s
        begun.append(now)
        now += life_s + restart_s
    return begun


def test_three_short_lives_are_free_then_each_wait_is_twice_the_last() -> None:
    begun = starts(1.0, 200.0, 0.0)
    waits = [round(b - a - 1.0) for a, b in itertools.pairwise(begun)]
    assert waits[:9] == [0, 0, 1, 2, 4, 8, 16, 32, 60]


def test_a_loop_of_an_hour_begins_hardly_more_often_than_once_a_minute() -> None:
    assert len(starts(1.0, HOUR_S)) <= HOUR_S / LONGEST_WAIT_S + FREE_SHORT_RUNS + 7


def test_a_life_that_lasted_is_followed_by_a_start_at_once_and_forgets_one_in_five_minutes() -> None:
    before = Lives(short=9, times=40, began_s=10.0, running=True)
    kept, wait_s = begin(before, 10.0 + SHORT_S)
    assert (wait_s, kept.short) == (0.0, 9)
    kept, wait_s = begin(before, 10.0 + 4 * FORGET_S)
    assert (wait_s, kept.short, kept.times) == (0.0, 5, 40)
    kept, wait_s = begin(before, 10.0 + 100 * FORGET_S)
    assert (wait_s, kept.short, kept.times) == (0.0, 0, 0)


def test_one_long_life_between_short_ones_does_not_make_them_free() -> None:
    now, kept, begun = 0.0, Lives(), 0
    while now < HOUR_S:
        for life_s in (0.0, 0.0, SHORT_S):
            kept, wait_s = begin(kept, now)
            now += wait_s + life_s
            begun += 1
    assert begun < 90


def test_who_ended_in_good_order_does_not_wait() -> None:
    assert begin(Lives(short=9, began_s=10.0, running=False), 11.0)[1] == 0


def test_what_was_before_the_machine_was_started_does_not_count() -> None:
    assert begin(Lives(short=9, began_s=90_000.0, running=True), 5.0)[1] == 0


@given(st.lists(st.floats(0.0, 400.0), min_size=1, max_size=200))
def test_however_long_the_lives_are_a_minute_sees_few_starts(lasted: list[float]) -> None:
    now, kept, begun = 0.0, Lives(), []
    for life_s in lasted:
        kept, wait_s = begin(kept, now)
        assert 0.0 <= wait_s <= LONGEST_WAIT_S
        begun.append(now + wait_s)
        now = begun[-1] + life_s
    for first in begun:
        assert sum(first <= one < first + 60.0 for one in begun) <= FREE_SHORT_RUNS + 7


def test_the_file_outlives_the_process_and_says_why(tmp_path: Path) -> None:
    for number in range(FREE_SHORT_RUNS + 1):
        file = LivesFile(tmp_path, "media")
        assert file.begin() == (0.0 if number < FREE_SHORT_RUNS else 1.0)
        file.record_end("RuntimeError:\non purpose.")
    message, remedy = keeps_ending("media", file.now)
    assert "media keeps ending soon after its start, 3 times" in message
    assert "RuntimeError: on purpose." in message
    assert "restart" in remedy or "again" in remedy
    file.record_clean_end()
    assert LivesFile(tmp_path, "media").begin() == 0.0


@pytest.mark.parametrize("bad", [b"", b"\xff\xfe", b"[]", b'{"short": "many"}', b"[" * 100_000, b'{"short":1e400}'])
def test_bytes_that_are_no_record_are_a_first_start(tmp_path: Path, bad: bytes) -> None:
    (tmp_path / "media.lives").write_bytes(bad)
    assert LivesFile(tmp_path, "media").begin() == 0.0


def test_where_nothing_can_be_kept_every_start_waits(tmp_path: Path) -> None:
    assert LivesFile(tmp_path / "gone", "media").begin() == BLIND_S


def test_a_full_disk_takes_what_is_written_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    LivesFile(tmp_path, "media").begin()
    size = (tmp_path / "media.lives").stat().st_size
    file = LivesFile(tmp_path, "media")
    file.begin()
    file.record_end("x" * 10_000)
    assert (tmp_path / "media.lives").stat().st_size == size == module.ROOM_BYTES


def test_a_leave_after_the_stop_does_not_wait_for_an_auth_that_kept_ending(tmp_path: Path) -> None:
    for _ in range(FREE_SHORT_RUNS + 3):
        LivesFile(tmp_path, "auth").begin()
    forget(tmp_path, "auth")
    forget(tmp_path, "session")
    assert LivesFile(tmp_path, "auth").begin() == 0.0


async def test_a_wish_ends_the_wait_of_who_is_held_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = WorkerHealth(
        worker="session", pid=1, boot="b", state="starting", detail=f"{HELD_BACK} 300 s", started_at=0.0, beat_s=0.0
    )
    running = msgspec.structs.replace(held, worker="auth", state="running", detail="")
    assert not take_start_request(tmp_path, "session")
    woken: set[str] = set()
    wake(tmp_path, [held, running], woken)
    assert take_start_request(tmp_path, "session")
    assert not take_start_request(tmp_path, "session")
    assert not take_start_request(tmp_path, "auth")
    wake(tmp_path, [held, running], woken)
    assert not take_start_request(tmp_path, "session"), "once for each wish: who keeps ending is no loop"
    wake(tmp_path / "gone", [held], set())  # nothing to tell it by, and no exception


@pytest.mark.parametrize(
    ("realm", "calls", "put_off"),
    [("playstation", True, True), ("simulator", True, False), ("playstation", False, False)],
)
def test_only_who_calls_playstation_has_a_budget_of_starts(
    home: Path, monkeypatch: pytest.MonkeyPatch, realm: str, calls: bool, put_off: bool
) -> None:
    class Calls(Worker):
        name = "calls"
        calls_sony = calls

    held: list[tuple[float, tuple[str, str]]] = []

    def hold(name, paths, code, words, wait_s, over):
        held.append((wait_s, words))
        return True

    monkeypatch.setenv("PARTYLINE_PSN__REALM", realm)
    monkeypatch.setenv("SUPERVISOR_ENABLED", "1")
    monkeypatch.setattr(process, "_hold", hold)
    monkeypatch.setattr(process, "_work", lambda cls, paths, settings, lives, log: lives.record_end("a fault") or 1)
    paths = Paths(home)
    paths.make()
    for _ in range(START_BURST + 1):
        assert process._alone(Calls, paths, logs.setup("calls")) == 1
    waits = [wait_s for wait_s, _ in held]
    assert bool([wait_s for wait_s in waits if wait_s > LONGEST_WAIT_S]) is put_off
    if put_off:
        assert "calls PlayStation" in held[-1][1][0]
        assert "partyline leave" in held[-1][1][1]


def test_odd_numbers_in_a_record_are_brought_within_bounds() -> None:
    kept, wait_s = begin(Lives(short=-5, times=-3, began_s=100.0, running=True), 101.0)
    assert (kept.short, kept.times, wait_s) == (1, 1, 0.0)
    kept, _ = begin(Lives(short=99, times=99, began_s=100.0, running=True), 101.0)
    assert (kept.short, kept.times) == (module.MOST_KEPT, 100)
    assert (Lives().short, Lives().times, module.MOST_KEPT) == (0, 0, 10)


def test_a_life_of_a_minute_is_not_short_and_five_minutes_forget_one() -> None:
    assert (SHORT_S, FORGET_S) == (60, 300)
    before = Lives(short=4, times=4, began_s=0.0, running=True)
    assert begin(before, 59.9)[0].short == 5
    assert begin(before, 60.0)[0].short == 4
    assert begin(before, 299.9)[0].short == 4
    assert begin(before, 300.0)[0].short == 3


def test_why_it_ended_is_kept_while_it_counts() -> None:
    before = Lives(short=1, times=1, began_s=0.0, running=True, why="it broke")
    assert begin(before, 1.0)[0].why == "it broke"
    assert begin(before, 100.0)[0].why == "it broke"
    assert begin(before, 300.0)[0].why == ""


def test_four_starts_are_free_and_then_one_in_seven_and_a_half_minutes() -> None:
    lives, waits = Lives(), []
    for _ in range(6):
        lives, wait_s = module.take_start(lives, 1000.0)
        waits.append(wait_s)
    assert waits == [0] * START_BURST + [450, 450]
    assert (lives.began_s, lives.full_s) == (1450, 1000 + 5 * 450)
    later, wait_s = module.take_start(lives, 1449.0)
    assert (wait_s, later.began_s) == (450, 1899)
    later, wait_s = module.take_start(lives, 1900.0)
    assert (wait_s, later.began_s) == (0, 1900)


def test_a_budget_from_before_a_reboot_is_no_longer_than_a_whole_one() -> None:
    lives, wait_s = module.take_start(Lives(full_s=1e9), 100.0)
    assert (wait_s, lives.full_s) == (450, 100 + 5 * 450)


def test_what_is_kept_is_for_this_user_only_and_an_end_is_told_in_200_letters(tmp_path: Path) -> None:
    file = LivesFile(tmp_path, "media")
    file.begin()
    module.request_start(tmp_path, "media")
    for name in ("media.lives", "media.wished"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    file.record_end("x" * 300)
    assert file.now.why == "x" * 200


@pytest.mark.parametrize(
    ("state", "detail", "held"),
    [("starting", f"{HELD_BACK} 5 s", True), ("starting", "", False), ("ok", f"{HELD_BACK} 5 s", False)],
)
def test_a_worker_is_held_back_that_starts_and_waits(state: str, detail: str, held: bool) -> None:
    health = WorkerHealth(worker="media", pid=1, boot="b", state=state, detail=detail, started_at=0.0, beat_s=0.0)  # type: ignore[arg-type]
    assert module.is_held(health) is held
