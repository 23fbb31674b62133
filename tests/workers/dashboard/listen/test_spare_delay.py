from __future__ import annotations

from workers.dashboard.listen.spare_delay import CALM_S, LONGEST_S, MARGIN_MS, SOON_S, WINDOW_S, SpareDelay

PACKET_S = 1 / 64
"""Adds up without an error."""


def falls(spare: SpareDelay, seconds: float, left_ms: float = 30.0, dip_ms: float = 30.0) -> list[tuple[float, float]]:
    """Return when, in seconds, the delay may fall by how many ms. Once in a while only `dip_ms` is left."""
    found = []
    for number in range(1, round(seconds / PACKET_S) + 1):
        by = spare.take(dip_ms if number % 64 == 0 else left_ms, PACKET_S)
        if by:
            found.append((number * PACKET_S, by))
            spare.on_fall()
    return found


def test_what_was_left_at_the_worst_moment_is_given_back_after_a_window() -> None:
    assert falls(SpareDelay(), WINDOW_S, 60.0, dip_ms=25.0) == [(WINDOW_S, 25.0 - MARGIN_MS)]


def test_a_delay_of_which_all_is_needed_falls_slowly() -> None:
    assert falls(SpareDelay(), 2 * WINDOW_S, 60.0, dip_ms=2.0) == [(WINDOW_S, 1.0), (2 * WINDOW_S, 1.0)]


def test_a_window_begins_anew_at_an_underrun() -> None:
    spare = SpareDelay()
    assert falls(spare, WINDOW_S - 1, 5.0) == []
    spare.on_underrun()
    assert falls(spare, WINDOW_S) == [(WINDOW_S, 20.0)]


def test_stalls_that_come_again_make_it_patient_and_a_long_calm_ends_that() -> None:
    spare, windows = SpareDelay(), []
    for _ in range(7):
        windows.append(falls(spare, LONGEST_S)[0][0])
        spare.on_underrun()
    assert windows == [WINDOW_S, 2 * WINDOW_S, 4 * WINDOW_S, 8 * WINDOW_S, 16 * WINDOW_S, LONGEST_S, LONGEST_S]
    falls(spare, CALM_S + LONGEST_S)
    assert falls(spare, WINDOW_S) == [(WINDOW_S, 20.0)]


def test_a_stall_long_after_the_delay_fell_is_a_new_one() -> None:
    spare = SpareDelay()
    spare.take(0.0, WINDOW_S)
    spare.on_fall()
    spare.take(0.0, SOON_S + 1)
    spare.on_underrun()
    assert falls(spare, WINDOW_S) == [(WINDOW_S, 20.0)]
