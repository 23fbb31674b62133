"""Who needs a bridge, by media's reports."""

from __future__ import annotations

from workers.signaling.transports.bridge.demand import STALE_S, Demand, DemandLimits

ANN, BOB = "1.PS5", "2.PS4"


def need() -> Demand:
    made = Demand(DemandLimits())
    made.keep((ANN, BOB))
    return made


def test_a_member_needs_a_bridge_after_half_a_minute_without_a_connection() -> None:
    made = need()
    for now in range(31):
        made.on_connection(ANN, "connecting", now)
        made.on_connection(BOB, "connected", now)
        assert made.needing(now) == ([ANN] if now >= 30 else [])
        assert made.lacking(now) == ([ANN] if now >= 5 else [])


def test_or_after_many_tries_that_came_to_nothing() -> None:
    made = Demand(DemandLimits(failures=3))
    made.keep((ANN, BOB))
    for now, connection in enumerate(("connecting", "failed", "connecting", "failed", "connecting", "failed")):
        assert made.needing(now) == []
        made.on_connection(ANN, connection, now)
    assert made.needing(5) == [ANN]
    made.on_connection(ANN, "connected", 6)
    made.on_connection(ANN, "lost", 7)
    assert made.needing(7) == []
    made.on_failed_offers(ANN, 3)
    assert made.needing(7) == [ANN]


def test_a_stale_report_of_media_does_not_count() -> None:
    made = need()
    made.on_connection(ANN, "failed", 0)
    assert made.needing(STALE_S + 40) == []
    made.on_connection(ANN, "waiting", 100)
    assert made.lacking(104) == []
    assert not made.settled(104)


def test_everybody_is_settled_when_all_have_been_connected_for_a_while_or_have_left() -> None:
    made = need()
    for now in range(12):
        made.on_connection(ANN, "connected", now)
        made.on_connection(BOB, "connected" if now else "waiting", now)
    assert not made.settled(10.5)
    assert made.settled(11)
    made.on_connection(BOB, "lost", 12)
    made.on_connection(ANN, "connected", 12)
    assert not made.settled(12)
    made.keep({ANN})
    assert made.settled(12)
    made.keep(())
    assert made.settled(1000)


def test_reports_about_others_than_members_are_ignored() -> None:
    made = need()
    made.on_connection("9.PS5", "failed", 0)
    made.on_failed_offers("9.PS5", 9)
    assert made.needing(0) == []


def failed(made: Demand, times: int, first: float) -> float:
    """Let Ann's connection fail so many times, and return the time of the last failure."""
    for number in range(times):
        made.on_connection(ANN, "connecting", first + number / 10)
        made.on_connection(ANN, "failed", first + number / 10)
    return first + (times - 1) / 10


def test_ten_failed_tries_in_a_row_are_many() -> None:
    made = need()
    assert made.needing(failed(made, 9, 1.0)) == []
    assert made.needing(failed(made, 1, 2.0)) == [ANN]
    made.on_connection(ANN, "connected", 2.1)  # the count begins again
    assert made.needing(failed(made, 9, 2.2)) == []
    assert made.needing(failed(made, 1, 3.2)) == [ANN]


def test_a_report_counts_for_five_seconds() -> None:
    made = need()
    for now in range(31):
        made.on_connection(ANN, "connecting", now)
    assert made.needing(35.0) == [ANN]
    assert made.needing(35.1) == []


def test_reports_five_seconds_apart_are_of_one_stretch() -> None:
    made = need()
    for now in range(0, 31, 5):
        made.on_connection(ANN, "connecting", now)
    assert made.needing(30.0) == [ANN]
    made.keep((ANN,))
    for now in range(31, 42):
        made.on_connection(ANN, "connected", now)
    assert made.settled(46.0)
    assert not made.settled(46.1)
