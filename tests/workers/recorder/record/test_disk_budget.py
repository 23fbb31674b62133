from __future__ import annotations

from workers.recorder.record.disk_budget import LEAST_BYTES_PER_MIN, TALKER_BYTES_PER_MIN, DiskBudget


def test_the_disk_is_budgeted_by_what_was_measured():
    budget = DiskBudget(keep_free=500_000_000, warn_minutes=30)
    assert budget.bytes_per_min(4) == 4 * TALKER_BYTES_PER_MIN
    for second in range(61):
        budget.record(1000.0 + second, second * 500_000)
    assert budget.bytes_per_min(4) == 30_000_000
    assert budget.room(500_000_000 + 30_000_000 * 31, 4) == "enough"
    assert budget.room(500_000_000 + 30_000_000 * 29, 4) == "low"
    assert budget.room(500_000_000, 4) == "full"
    for second in range(61, 200):
        budget.record(1000.0 + second, 61 * 500_000)
    assert budget.bytes_per_min(4) == 4 * LEAST_BYTES_PER_MIN  # they are silent, and may speak again


def budget_of(*sizes: tuple[float, int]) -> DiskBudget:
    budget = DiskBudget(keep_free=500, warn_minutes=30)
    for at_s, size in sizes:
        budget.record(at_s, size)
    return budget


def test_until_half_a_minute_is_measured_each_file_counts_as_a_talker() -> None:
    assert [budget_of().bytes_per_min(files) for files in (0, 1, 3)] == [2_500_000, 2_500_000, 7_500_000]
    assert budget_of((0.0, 0), (30.0, 90_000_000)).bytes_per_min(1) == 2_500_000
    assert budget_of((0.0, 0), (31.0, 31_000_000)).bytes_per_min(1) == 60_000_000


def test_silence_counts_as_a_megabyte_a_minute_and_file() -> None:
    assert [budget_of((0.0, 7), (60.0, 7)).bytes_per_min(files) for files in (0, 1, 3)] == [
        1_000_000,
        1_000_000,
        3_000_000,
    ]


def test_the_growth_of_the_last_minute_counts() -> None:
    burst = [(0.0, 0), *((float(second), 60_000_000) for second in range(1, 61))]
    assert budget_of(*burst).bytes_per_min(1) == 60_000_000
    assert budget_of(*burst, (61.0, 60_000_000)).bytes_per_min(1) == 1_000_000


def test_room_is_low_below_the_warning_time_and_full_at_what_stays_free() -> None:
    needed = 30 * 2_500_000
    rooms = [budget_of().room(free, 1) for free in (500 + needed, 499 + needed, 501, 500, 0)]
    assert rooms == ["enough", "low", "low", "full", "full"]


def test_no_time_is_left_once_only_what_stays_free_is() -> None:
    assert [budget_of().minutes_left(free, 1) for free in (0, 500, 500 + 2_500_000)] == [0, 0, 1]
