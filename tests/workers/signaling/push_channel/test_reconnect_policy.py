from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.psn.errors import BadAnswerError
from common.psn.party.push import KeepAliveTold
from workers.signaling.loss import Loss
from workers.signaling.push_channel.connector import read_retry, read_server
from workers.signaling.push_channel.interruptions import PAUSED_S, Naps
from workers.signaling.push_channel.keep_alive import KNOWN, WAKE_PONG_S, KeepAlive, Pulse
from workers.signaling.push_channel.reconnect_policy import (
    APP_LONGEST_S,
    IN_TIME,
    LONGEST_RETRY_S,
    RENEWED_S,
    SLOWER,
    STEADY_S,
    WORKED_S,
    Failure,
    Link,
)
from workers.signaling.push_channel.wanted_keep_alive import GRACE_S, Wanted

FAILURES = st.sampled_from(list(Failure))


def link(loss: Loss | None = None) -> Link:
    return Link(("3.0", "2.1"), backoff_max_s=60, loss=loss)


def waits(made: Link, times: int, *, now: float = 1000.0, **more: float) -> list[float]:
    """Return how long the next try waits after each of so many ends."""
    found = []
    for _ in range(times):
        made.failed(Failure.LOST, now, jitter=0.5, **more)
        found.append(made.next_at - now)
    return found


def test_the_first_try_is_at_once_and_no_reconnection() -> None:
    made = link()
    assert made.next_at == 0.0
    assert (made.protocol, made.reconnection(5.0)) == ("3.0", False)


def test_a_link_that_was_lost_is_back_at_once_and_then_at_the_apps_pace_and_then_slower() -> None:
    first, *later = waits(link(), 12, lived_s=6.0)
    assert first == 0
    assert all(0.6 * APP_LONGEST_S <= wait <= APP_LONGEST_S for wait in later[:3])
    assert later[3:] == sorted(later[3:])
    assert later[-1] > 3 * APP_LONGEST_S


@given(st.lists(st.tuples(FAILURES, st.floats(0, 1), st.floats(0, 600)), max_size=60))
def test_waits_are_bounded(ends: list[tuple[Failure, float, float]]) -> None:
    made = link()
    for failure, jitter, lived_s in ends:
        made.failed(failure, 1000.0, jitter=jitter, lived_s=lived_s)
        assert 0 <= made.next_at - 1000.0 <= SLOWER * APP_LONGEST_S


def test_the_servers_own_interval_counts_in_seconds_and_below_the_apps_longest() -> None:
    made = link()
    made.bounds(2, 4)
    assert waits(made, 4) == [0, 3, 6, 12]
    made.bounds(0, 0)  # none was told: what was told before stays
    made.bounds(120, 180)
    assert waits(made, 1)[0] <= SLOWER * APP_LONGEST_S


def test_a_refusal_that_says_when_is_heeded_within_reason() -> None:
    made = link()
    made.failed(Failure.UNAUTHORIZED, 0.0, jitter=0.0, retry_s=100.0)
    assert made.next_at == 100.0
    made.failed(Failure.UNAUTHORIZED, 0.0, jitter=0.0, retry_s=1e9)
    assert made.next_at == LONGEST_RETRY_S


def test_failures_are_forgotten_by_a_link_that_lived_long_and_fade_by_shorter_ones() -> None:
    made = link()
    waits(made, 10)
    assert waits(made, 1, lived_s=STEADY_S) == [0]
    waits(made, 3)
    assert waits(made, 1, lived_s=299.0) == [0]
    waits(made, 3)
    assert waits(made, 1, lived_s=59.0)[0] > 0


def test_after_a_pause_or_with_another_network_the_next_try_is_at_once() -> None:
    made = link()
    waits(made, 10)
    made.woke(1000.0)
    assert made.next_at == 1000.0
    assert waits(made, 1) == [0]


def test_it_is_a_reconnection_as_long_as_the_presence_timeout_has_not_passed_since_the_loss() -> None:
    made = link(Loss(100.0, 30.0))
    assert made.reconnection(129.9)
    assert not made.reconnection(130.0)
    made.failed(Failure.UNREACHABLE, 110.0, jitter=0.0)  # a try that failed is no other loss
    assert made.reconnection(129.9)
    made.opened()
    made.lost(Loss(200.0, 5.0))
    assert made.reconnection(204.0)
    assert not made.reconnection(205.0)


def test_the_older_protocol_stands_in_where_the_newer_is_refused_and_back() -> None:
    made = link()
    for protocol in ("2.1", "3.0"):
        made.failed(Failure.REFUSED, 0.0, jitter=0.0)
        assert made.protocol == protocol
    alone = Link(("3.0", ""), backoff_max_s=60)
    alone.failed(Failure.REFUSED, 0.0, jitter=0.0)
    assert alone.protocol == "3.0"


def test_links_that_die_at_once_make_the_token_doubted_and_then_the_protocol() -> None:
    made = link()
    doubted = [made.failed(Failure.LOST, 0.0, jitter=0.0, lived_s=0.1) for _ in range(4)]
    assert doubted == [False, True, False, False]
    assert made.protocol == "2.1"


def test_a_refused_token_is_doubted_and_nothing_else_changes() -> None:
    made = link()
    assert made.failed(Failure.UNAUTHORIZED, 0.0, jitter=0.0)
    assert (made.protocol, made.next_at) == ("3.0", 0.0)


def test_a_token_that_is_over_costs_no_wait_but_once() -> None:
    made = link()
    waits(made, 2, lived_s=100.0)  # one loss is forgiven, the other not
    made.failed(Failure.UNAUTHORIZED, 1000.0, jitter=0.5)
    assert made.next_at == 1000.0
    made.failed(Failure.UNAUTHORIZED, 1000.0, jitter=0.5)  # nor does it want the renewed one
    assert made.next_at > 1015.0
    made.failed(Failure.LOST, 1100.0, jitter=0.5, lived_s=RENEWED_S)
    made.failed(Failure.UNAUTHORIZED, 1200.0, jitter=0.5)
    assert made.next_at == 1200.0


@given(st.floats(0, 1), st.integers(1, 3), st.floats(0, 15))
def test_the_first_tries_after_a_loss_come_before_the_server_takes_us_for_gone(
    jitter: float, failures: int, late_s: float
) -> None:
    made = link()
    waits(made, failures)
    made.lost(Loss(1000.0, 30.0))
    made.failed(Failure.LOST, 1000.0 + late_s, jitter=jitter, lived_s=20.0)
    assert made.next_at <= 1000.0 + IN_TIME * 30.0


def test_a_link_that_worked_is_sought_in_time_but_not_for_ever() -> None:
    made, now, found = link(), 1000.0, []
    for _ in range(30):
        made.lost(Loss(now, 30.0))
        made.failed(Failure.LOST, now, jitter=0.5, lived_s=20.0)
        found.append(made.next_at - now)
        now = made.next_at + 20.0
    assert all(wait <= IN_TIME * 30.0 for wait in found[:12])
    assert sum(wait > 30.0 for wait in found) > 5


def test_a_link_that_never_worked_is_not_sought_in_time() -> None:
    made = link()
    waits(made, 6)
    made.lost(Loss(1000.0, 30.0))
    made.failed(Failure.LOST, 1000.0, jitter=0.5, lived_s=WORKED_S - 1)
    assert made.next_at > 1030.0


# --- keep-alive --------------------------------------------------------------------------------------

KEEP = KeepAlive(interval_s=60, pong_s=30, server_s=90, presence_s=120)


def test_a_ping_goes_out_at_each_interval_and_a_missing_pong_means_a_dead_link() -> None:
    pulse = Pulse(KEEP, now=0)
    assert not pulse.due(59.9)
    assert pulse.wait_s(0) == 60
    assert pulse.due(60)
    assert not pulse.due(60)
    assert not pulse.dead(89.9)
    assert pulse.dead(90)
    pulse.pong()
    assert not pulse.dead(1000)
    assert pulse.due(120)


def test_a_pong_has_the_time_that_was_told_whatever_the_interval() -> None:
    pulse = Pulse(KeepAlive(interval_s=10, pong_s=25), now=0)
    assert all(pulse.due(now) for now in (10, 20, 30))
    assert not pulse.dead(34.9)
    assert pulse.dead(35)  # later pings do not put the verdict off


def test_another_pace_pings_sooner_at_once_and_still_awaits_the_pong() -> None:
    pulse = Pulse(KEEP, 0)
    pulse.change(KeepAlive(10, 10), 5)
    assert not pulse.due(14.9)
    assert pulse.due(15)
    pulse.change(KEEP, 16)
    assert not pulse.dead(24.9)
    assert pulse.dead(25)


def test_a_doubted_link_is_pinged_at_once_and_soon_held_for_dead() -> None:
    pulse = Pulse(KEEP, 0)
    pulse.doubt(50)
    assert pulse.due(50)
    assert pulse.dead(50 + WAKE_PONG_S)
    pulse.pong()
    assert not pulse.dead(1000)


def test_a_server_that_missed_our_pings_has_given_the_link_up_since() -> None:
    pulse = Pulse(KEEP, 0)
    pulse.due(60)
    assert not pulse.given_up(150)
    assert pulse.lost_at(100) == 100
    assert pulse.given_up(151)
    assert pulse.lost_at(700) == 150


def test_what_the_server_tells_counts_and_what_it_leaves_out_is_as_known() -> None:
    assert KNOWN[6].told(KeepAliveTold()) == KEEP
    assert KNOWN[3].told(KeepAliveTold()) == KeepAlive(10, 20, 30, 30)
    told = KeepAliveTold(interval_s=8, pong_s=40, presence_s=5)
    assert KNOWN[3].told(told) == KeepAlive(8, 40, 30, 5)
    assert KNOWN[3].told(told, override_s=2.0) == KeepAlive(2, 40, 30, 5)


def test_the_golden_serveraddr_answer_is_read(wire: object) -> None:
    server = read_server(json.loads(wire("serveraddr.response.json")))  # type: ignore[operator]
    assert server.fqdn == "203-0-113-220-pushcl.np.communication.playstation.net"
    assert KNOWN[6].told(server.keep_alive) == KEEP
    assert server.retry_s == (120.0, 180.0)
    assert read_retry({"X-PSN-RETRY-INTERVAL-MIN": "5", "X-PSN-RETRY-INTERVAL-MAX": "x"}) == (5.0, 0.0)


def test_a_serveraddr_answer_may_say_little() -> None:
    assert read_server({"fqdn": "a", "keepAliveStatus": 5}).keep_alive == KeepAliveTold()
    for bad in (None, [], {}, {"fqdn": 5}):
        with pytest.raises(BadAnswerError):
            read_server(bad)


# --- which type, and pauses --------------------------------------------------------------------------


def test_voice_chat_is_wanted_in_a_party_and_for_a_while_before_one() -> None:
    wanted = Wanted()
    assert not wanted.voice_chat(0)
    wanted.ask(active=True, now=0)
    wanted.party(inside=False)  # the party before this one is left
    assert wanted.voice_chat(GRACE_S - 1)
    assert not wanted.voice_chat(GRACE_S)  # nothing came of it
    wanted.party(inside=True)
    assert wanted.voice_chat(1e9)
    wanted.ask(active=False, now=1e9)
    assert not wanted.voice_chat(1e9)


def test_a_late_tick_is_a_pause_and_a_busy_machine_is_none() -> None:
    naps = Naps(1.0, 0.0)
    assert naps.tick(1.0) == 0
    assert naps.tick(1.0 + 1 + PAUSED_S / 2) == 0
    assert naps.tick(602.5) == pytest.approx(598.0)
    assert naps.tick(603.5) == 0
