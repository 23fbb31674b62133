"""What has to be sent so that a broker holds what it should."""

from __future__ import annotations

from integrations.mqtt.retained_messages import GONE, RetainedMessages


def synced(retained: RetainedMessages, wanted: dict[str, bytes]) -> list[tuple[str, bytes]]:
    changes = retained.changes(wanted)
    for topic, payload in changes:
        retained.sent(topic, payload)
    assert retained.changes(wanted) == []
    return changes


def test_only_what_changed_is_sent_and_what_is_over_is_removed() -> None:
    retained = RetainedMessages()
    assert synced(retained, {"a": b"1", "b": b"2"}) == [("a", b"1"), ("b", b"2")]
    assert synced(retained, {"a": b"1", "b": b"3"}) == [("b", b"3")]
    assert synced(retained, {"b": b"3"}) == [("a", GONE)]


def test_what_an_earlier_run_left_is_removed_or_stays_as_it_is() -> None:
    retained = RetainedMessages()
    retained.found("old", b"x")
    retained.found("same", b"y")
    retained.found("empty", GONE)
    assert synced(retained, {"same": b"y", "new": b"z"}) == [("new", b"z"), ("old", GONE)]


def test_what_was_sent_meanwhile_is_newer_than_what_is_found() -> None:
    retained = RetainedMessages()
    retained.sent("a", b"new")
    retained.found("a", b"old")
    assert retained.changes({"a": b"new"}) == []


def test_everything_is_sent_again_for_who_missed_it_and_nothing_that_is_over() -> None:
    retained = RetainedMessages()
    synced(retained, {"a": b"1", "b": b"2"})
    retained.send_again()
    assert synced(retained, {"a": b"1"}) == [("a", b"1"), ("b", GONE)]


def test_what_others_wrote_is_put_right() -> None:
    """The last will of a connection that was lost comes after the next one was made."""
    retained = RetainedMessages()
    synced(retained, {"status": b"online"})
    retained.changed_by_others("status", b"offline")
    assert synced(retained, {"status": b"online"}) == [("status", b"online")]
    assert retained.change("status", b"online") == []
    assert retained.change("status", b"offline") == [("status", b"offline")]
