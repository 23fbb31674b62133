"""Browsers that are known by their certificates."""

from __future__ import annotations

from workers.webrtc.admit.known_browsers import AWAY_S, MOST, Known, knows, with_visit

NOW = 1_800_000_000.0


def test_who_came_is_known_until_they_were_away_for_long() -> None:
    known = with_visit((), "AA", NOW)
    assert knows(known, "AA", NOW)
    assert knows(known, "AA", NOW + AWAY_S - 1)
    assert not knows(known, "AA", NOW + AWAY_S)
    assert not knows(known, "BB", NOW)


def test_who_comes_again_is_known_for_longer_and_stands_once() -> None:
    known = with_visit(with_visit((), "AA", NOW), "AA", NOW + AWAY_S / 2)
    assert [one.fingerprint for one in known] == ["AA"]
    assert known[0].met_at == NOW
    assert knows(known, "AA", NOW + AWAY_S * 1.4)


def test_a_visit_soon_after_another_changes_nothing_that_would_be_written() -> None:
    known = with_visit((), "AA", NOW)
    assert with_visit(known, "AA", NOW + 60) is known


def test_who_was_away_for_too_long_is_forgotten_with_the_next_visit() -> None:
    known = with_visit((), "AA", NOW)
    assert [one.fingerprint for one in with_visit(known, "BB", NOW + AWAY_S)] == ["BB"]


def test_whoever_was_away_longest_gives_way() -> None:
    known: Known = ()
    for number in range(MOST):
        known = with_visit(known, str(number), NOW + number)
    known = with_visit(known, "0", NOW + 7200)  # the first one came again
    known = with_visit(known, "new", NOW + 7300)
    assert len(known) == MOST
    assert knows(known, "0", NOW + 7300)
    assert knows(known, "new", NOW + 7300)
    assert not knows(known, "1", NOW + 7300)
