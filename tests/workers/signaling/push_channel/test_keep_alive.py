from __future__ import annotations

from common.psn.party.push import KeepAliveTold
from workers.signaling.push_channel.keep_alive import KNOWN, WAKE_PONG_S, KeepAliveTiming, PingSchedule

KEEP = KeepAliveTiming(interval_s=60, pong_s=30, server_s=90, presence_s=120)


def test_a_ping_goes_out_at_each_interval_and_a_missing_pong_means_a_dead_link() -> None:
    pings = PingSchedule(KEEP, now=0)
    assert not pings.take_due(59.9)
    assert pings.wait_s(0) == 60
    assert pings.take_due(60)
    assert not pings.take_due(60)
    assert not pings.is_dead(89.9)
    assert pings.is_dead(90)
    pings.on_pong()
    assert not pings.is_dead(1000)
    assert pings.take_due(120)


def test_a_pong_has_the_servers_limit_whatever_the_interval() -> None:
    pings = PingSchedule(KeepAliveTiming(interval_s=10, pong_s=25), now=0)
    assert all(pings.take_due(now) for now in (10, 20, 30))
    assert not pings.is_dead(34.9)
    assert pings.is_dead(35)  # later pings do not put the verdict off


def test_another_timing_pings_sooner_at_once_and_still_awaits_the_pong() -> None:
    pings = PingSchedule(KEEP, 0)
    pings.change(KeepAliveTiming(10, 10), 5)
    assert not pings.take_due(14.9)
    assert pings.take_due(15)
    pings.change(KEEP, 16)
    assert not pings.is_dead(24.9)
    assert pings.is_dead(25)


def test_a_link_that_is_verified_is_pinged_at_once_and_soon_counts_as_dead() -> None:
    pings = PingSchedule(KEEP, 0)
    pings.ping_at_once(50)
    assert pings.take_due(50)
    assert pings.is_dead(50 + WAKE_PONG_S)
    pings.on_pong()
    assert not pings.is_dead(1000)


def test_a_server_that_missed_our_pings_has_given_the_link_up_since() -> None:
    pings = PingSchedule(KEEP, 0)
    pings.take_due(60)
    assert not pings.server_gave_up(150)
    assert pings.lost_at(100) == 100
    assert pings.server_gave_up(151)
    assert pings.lost_at(700) == 150


def test_the_servers_values_count_and_what_it_leaves_out_is_as_known() -> None:
    assert KNOWN[6].with_server_values(KeepAliveTold()) == KEEP
    assert KNOWN[3].with_server_values(KeepAliveTold()) == KeepAliveTiming(10, 20, 30, 30)
    told = KeepAliveTold(interval_s=8, pong_s=40, presence_s=5)
    assert KNOWN[3].with_server_values(told) == KeepAliveTiming(8, 40, 30, 5)
    assert KNOWN[3].with_server_values(told, override_s=2.0) == KeepAliveTiming(2, 40, 30, 5)


def test_no_value_of_the_server_makes_us_ping_more_than_ten_times_a_second_or_give_up_sooner() -> None:
    hurried = KNOWN[3].with_server_values(KeepAliveTold(interval_s=0.01, pong_s=0.01))
    assert (hurried.interval_s, hurried.pong_s) == (0.1, 0.1)


def test_a_link_that_is_verified_has_a_second_for_its_pong() -> None:
    pings = PingSchedule(KEEP, 0)
    pings.ping_at_once(50)
    assert not pings.is_dead(50.9)
    assert pings.is_dead(51)


def test_nothing_is_to_be_done_until_the_next_ping_or_the_end_of_the_wait_for_a_pong() -> None:
    pings = PingSchedule(KEEP, 0)
    assert pings.wait_s(20) == 40
    pings.take_due(60)
    assert pings.wait_s(70) == 20  # the pong's limit comes before the next ping
    assert 0 < pings.wait_s(1000) < 0.1
