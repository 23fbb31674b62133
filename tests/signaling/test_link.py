from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.psn.errors import BadAnswerError
from workers.signaling.link import SAME_SERVER_TRIES, Failure, KeepAlive, KeepAlives, Link, Pulse, Server
from workers.signaling.memory import RESERVED, MemoryFile
from workers.signaling.opening import read_server

SERVER = Server("a.example", KeepAlive(60, 30))


def link(known: Server | None = None) -> Link:
    return Link(("3.0", "2.1"), backoff_max_s=60, known=known)


def test_the_first_try_asks_for_a_server_at_once_and_is_no_reconnection() -> None:
    plan = link().plan(0.5)
    assert (plan.server, plan.protocol, plan.reconnection, plan.wait_s) == (None, "3.0", False, 0.0)


def test_a_lost_link_is_tried_on_the_same_server_first_and_says_so() -> None:
    made = link()
    made.named(SERVER)
    assert not made.plan(0.5).reconnection
    made.opened()
    made.failed(Failure.LOST, 3600)
    plan = made.plan(0.5)
    assert (plan.server, plan.reconnection) == (SERVER, True)
    assert plan.wait_s < 0.5


def test_a_killed_worker_goes_back_to_the_server_it_remembers() -> None:
    plan = link(SERVER).plan(0.0)
    assert (plan.server, plan.reconnection, plan.wait_s) == (SERVER, True, 0.0)


def test_a_server_that_stays_away_is_given_up_for_another() -> None:
    made = link(SERVER)
    for _ in range(SAME_SERVER_TRIES):
        assert made.plan(0.0).server == SERVER
        made.failed(Failure.UNREACHABLE, 0)
    assert made.plan(0.0).server is None
    assert made.plan(0.0).protocol == "3.0"


def test_a_remembered_server_that_refuses_us_costs_no_protocol() -> None:
    made = link(SERVER)
    made.failed(Failure.REFUSED, 0)
    plan = made.plan(0.0)
    assert (plan.server, plan.protocol, plan.reconnection) == (None, "3.0", False)


def test_the_older_protocol_stands_in_where_the_newer_is_refused_and_back() -> None:
    made = link()
    made.refused_address()
    assert made.plan(0.0).protocol == "2.1"
    made.named(SERVER)
    made.failed(Failure.REFUSED, 0)
    assert made.plan(0.0).protocol == "3.0"


def test_one_protocol_alone_has_no_fallback() -> None:
    made = Link(("3.0", ""), backoff_max_s=60)
    made.refused_address()
    assert made.plan(0.0).protocol == "3.0"


def test_links_that_die_at_once_make_the_token_doubted_and_then_the_protocol() -> None:
    made = link(SERVER)
    doubted = []
    for _ in range(4):
        made.opened()
        doubted.append(made.failed(Failure.LOST, 0.1))
    assert doubted == [False, True, False, False]
    assert (made.plan(0.0).protocol, made.plan(0.0).server) == ("2.1", None)


def test_a_refused_token_is_doubted_and_nothing_else_changes() -> None:
    made = link(SERVER)
    assert made.failed(Failure.UNAUTHORIZED, 0)
    assert (made.plan(0.0).server, made.plan(0.0).protocol) == (SERVER, "3.0")


@given(st.lists(st.sampled_from(list(Failure)), max_size=60), st.floats(0, 1))
def test_waits_grow_but_stay_bounded(failures: list[Failure], jitter: float) -> None:
    made = link(SERVER)
    for failure in failures:
        made.failed(failure, 0.0)
        assert 0 < made.plan(jitter).wait_s <= 60
    made.bounds(5, 10)
    assert made.plan(jitter).wait_s <= 10


def test_the_servers_own_bounds_hold_from_the_second_try_on() -> None:
    made = link(SERVER)
    made.bounds(5, 1000)
    made.failed(Failure.LOST, 3600)
    assert made.plan(0.0).wait_s < 1
    made.failed(Failure.UNREACHABLE, 0)
    assert made.plan(1.0).wait_s == 5


def test_a_ping_goes_out_at_each_interval_and_a_missing_pong_means_a_dead_link() -> None:
    pulse = Pulse(KeepAlive(interval_s=60, timeout_s=30), now=0)
    assert not pulse.due(59.9)
    assert pulse.wait_s(0) == 60
    assert pulse.due(60)
    assert not pulse.due(60)
    assert not pulse.dead(89.9)
    assert pulse.dead(90)
    pulse.pong()
    assert not pulse.dead(1000)
    assert pulse.due(120)


def test_later_pings_do_not_put_the_verdict_off() -> None:
    pulse = Pulse(KeepAlive(interval_s=10, timeout_s=25), now=0)
    assert pulse.due(10)
    assert pulse.due(20)
    assert pulse.due(30)
    assert pulse.dead(35)


def test_a_connection_is_pinged_for_the_stricter_of_what_the_server_was_told_and_what_is_wanted() -> None:
    alives = KeepAlives()
    idle = Server("a.example", KeepAlive(60, 30), 6)
    alives.learned(idle)
    assert alives.of(idle, told=6, wanted=6) == KeepAlive(60, 30)
    assert alives.of(idle, told=6, wanted=3) == KeepAlive(10, 10)
    assert alives.of(idle, told=3, wanted=6) == KeepAlive(10, 10)  # the server's own limits are those of voice chat
    voice = Server("a.example", KeepAlive(8, 4), 3)
    alives.learned(voice)
    assert alives.of(idle, told=6, wanted=3) == KeepAlive(8, 4)
    assert KeepAlives(2.0).of(idle, told=6, wanted=3) == KeepAlive(2, 2)


def test_a_server_whose_type_nobody_remembers_is_taken_at_its_word() -> None:
    assert KeepAlives().of(Server("a.example", KeepAlive(20, 20)), told=9, wanted=9) == KeepAlive(20, 20)


def test_another_pace_pings_sooner_at_once_and_still_awaits_the_pong() -> None:
    pulse = Pulse(KeepAlive(60, 30), 0)
    pulse.change(KeepAlive(10, 10), 5)
    assert not pulse.due(14.9)
    assert pulse.due(15)
    pulse.change(KeepAlive(60, 30), 16)
    assert not pulse.dead(24.9)
    assert pulse.dead(25)


def test_the_golden_serveraddr_answer_is_read(wire: object) -> None:
    server, bounds = read_server(json.loads(wire("serveraddr.response.json")), 0.0)  # type: ignore[operator]
    assert server.fqdn == "203-0-113-220-pushcl.np.communication.playstation.net"
    assert server.keep_alive == KeepAlive(60, 30)
    assert bounds == (0.0, 0.0)


def test_a_serveraddr_answer_may_say_little_and_a_setting_wins() -> None:
    assert read_server({"fqdn": "a"}, 0.0)[0].keep_alive == KeepAlive(60, 30)
    assert (
        read_server({"fqdn": "a", "keepAliveStatus": {"clientKeepAliveInterval": 60000}}, 5.0)[0].keep_alive.interval_s
        == 5
    )
    for bad in (None, [], {}, {"fqdn": 5}):
        with pytest.raises(BadAnswerError):
            read_server(bad, 0.0)


def test_server_and_numbers_survive_a_kill_and_numbers_never_repeat(home: Path) -> None:
    first = MemoryFile(home / "m.json", "here")
    first.opened(SERVER, "3.0", "1")
    numbers = [first.number() for _ in range(RESERVED + 2)]
    again = MemoryFile(home / "m.json", "here")
    assert again.server() == SERVER
    assert (again.protocol, again.account_id) == ("3.0", "1")
    numbers += [again.number() for _ in range(3)]
    assert numbers == sorted(set(numbers))


def test_another_realms_server_is_forgotten_but_numbers_grow_on(home: Path) -> None:
    first = MemoryFile(home / "m.json", "here")
    first.opened(SERVER, "3.0", "1")
    last = first.number()
    there = MemoryFile(home / "m.json", "there")
    assert there.server() is None
    assert there.number() > last


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff"])
def test_a_spoilt_file_is_begun_anew(home: Path, raw: bytes) -> None:
    (home / "m.json").write_bytes(raw)
    assert MemoryFile(home / "m.json", "here").server() is None
