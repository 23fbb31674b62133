from __future__ import annotations

from workers.signaling import state
from workers.signaling.loss import Loss

BOOT = 1e9
"""Unix time of the boot."""


def test_times_of_a_lost_channel_go_out_as_unix_seconds() -> None:
    found = state.push_away("It broke.", Loss(100.0, 30.0), 125.0, now=110.0, boot_unix=BOOT)
    assert (found.connected, found.detail, found.since, found.next_try_at) == (
        False,
        "It broke.",
        BOOT + 100,
        BOOT + 125,
    )
    assert not found.counts_as_gone


def test_a_channel_that_was_never_open_has_no_loss_and_a_try_that_is_due_has_no_time() -> None:
    found = state.push_away("", None, 110.0, now=110.0, boot_unix=BOOT)
    assert (found.since, found.next_try_at, found.counts_as_gone) == (0.0, 0.0, False)


def test_we_count_as_gone_from_the_presence_timeout_on() -> None:
    loss = Loss(100.0, 30.0)
    assert [state.counts_as_gone(loss, now) for now in (129.9, 130.0)] == [False, True]
    assert state.push_away("", loss, 0.0, now=130.0, boot_unix=BOOT).counts_as_gone


def test_facts_have_what_each_transport_counts() -> None:
    found = state.facts(3, 2, [{"messages: offer": "1"}, {}, {"bridge": "in use"}])
    assert found == {"calls": "3", "push events": "2", "messages: offer": "1", "bridge": "in use"}
