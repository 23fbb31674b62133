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
