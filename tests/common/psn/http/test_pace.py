"""All workers keep one pace, and what closed the servers to one of them closes them to all."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from common.basic.clock import Moment
from common.config.tables import PsnSettings
from common.psn import errors
from common.psn.http import shared
from common.psn.http.client import Call, PsnClient
from common.psn.http.pace import CallRate, Closed, Openings, PaceState, close, closed_for
from common.psn.http.shared import SharedPace
from tests.common.psn.http.server import Tokens, json_answer, scripted, settings, source

S = 1_000_000_000
GET = Call("GET", "mobile", "/api/thing")


@given(st.lists(st.integers(0, 20 * S), min_size=1, max_size=80), st.integers(1, 10), st.sampled_from([0.25, 1.0, 7.0]))
def test_no_stretch_of_time_holds_more_calls_than_burst_and_pace_allow(
    gaps: list[int], burst: int, calls_per_s: float
) -> None:
    pace, state, now, goes = CallRate(calls_per_s, burst), PaceState(), S, []
    for gap in gaps:
        now += gap
        state, wait = pace.take(state, now)
        goes.append(now / S + wait)
    goes.sort()
    for first in range(len(goes)):
        for last in range(first, len(goes)):
            assert last - first + 1 <= burst + (goes[last] - goes[first]) * calls_per_s + 1e-3


def test_a_burst_goes_at_once_and_the_pace_holds_then() -> None:
    pace, state, waits = CallRate(0.5, 3), PaceState(), []
    for _ in range(5):
        state, wait = pace.take(state, S)
        waits.append(wait)
    assert waits == [0, 0, 0, 2, 4]
    assert pace.take(state, 100 * S)[1] == 0


def test_a_reboot_begins_anew() -> None:
    pace = CallRate(0.001, 1)
    state, _ = pace.take(PaceState(), 500 * S)
    assert pace.take(state, 501 * S)[1] > 900
    assert pace.take(state, 20 * S)[1] == 0


def test_the_default_pace_stays_below_what_an_account_is_said_to_have() -> None:
    psn = PsnSettings()
    assert psn.call_burst + 15 * 60 * psn.calls_per_s < 300


@given(
    st.lists(st.tuples(st.integers(0, 40 * S), st.sampled_from(["ask", "ask", "ask", "reboot"])), max_size=200),
    st.integers(1, 8),
    st.sampled_from([10.0, 75.0]),
)
def test_no_stretch_of_time_holds_more_connections_than_were_allowed_not_even_over_a_reboot(
    steps: list[tuple[int, str]], burst: int, every_s: float
) -> None:
    openings, state, real, off, opened = Openings(every_s, burst), PaceState(), 0, 0, []
    for passed, what in steps:
        real += passed
        if what == "reboot":
            off = real  # the clock begins again
        before = state
        state, wait = openings.take(state, real - off + S)
        if not wait:
            opened.append(real / S)
            assert state != before
    for first in range(len(opened)):
        for last in range(first, len(opened)):
            assert last - first + 1 <= burst + (opened[last] - opened[first]) / every_s + 1e-6


def test_connections_that_are_not_to_be_had_are_not_reserved_either() -> None:
    openings, state = Openings(10.0, 1), PaceState()
    state, wait = openings.take(state, S)
    assert wait == 0
    for _ in range(50):
        state, wait = openings.take(state, 2 * S)
        assert wait == 9
    assert openings.take(state, 11 * S)[1] == 0


def test_who_cannot_know_what_went_before_waits_first() -> None:
    openings = Openings(75.0, 5)
    state = openings.blind(PaceState(), S, 10.0)
    state, wait = openings.take(state, S)
    assert wait == 10
    state, wait = openings.take(state, 11 * S)
    assert wait == 0
    assert openings.take(state, 11 * S)[1] == 75


def at(boot_s: float, unix: float = 1e9, boot: str = "b") -> Moment:
    return Moment(boot=boot, boot_s=boot_s, unix=unix)


def closed(kind: str = "blocked", for_s: float = 3600) -> Closed:
    return Closed(kind=kind, message="no", at=at(100), for_s=for_s)  # type: ignore[arg-type]


def test_a_block_holds_for_every_host_and_every_call_and_ends() -> None:
    state = close(PaceState(), "", closed())
    for urgent in (True, False):
        assert closed_for(state, "mobile", at(100), urgent=urgent) == (closed(), 3600)
    assert closed_for(state, "account", at(3699, unix=0.0), urgent=False) == (closed(), 1)
    assert closed_for(state, "account", at(3700, unix=0.0), urgent=False) is None


def test_a_rate_limit_holds_for_its_host_and_lets_urgent_calls_pass() -> None:
    state = close(PaceState(), "account", closed("rate-limited", 60))
    assert closed_for(state, "account", at(100), urgent=False) is not None
    assert closed_for(state, "account", at(100), urgent=True) is None
    assert closed_for(state, "mobile", at(100), urgent=False) is None


def test_after_a_reboot_the_wall_clock_tells_and_one_that_was_set_back_holds_no_longer_than_was_said() -> None:
    assert closed().left_s(at(5, 1e9 + 600, "another")) == 3000
    assert closed().left_s(at(5, 1e9 + 3600, "another")) == 0
    assert closed().left_s(at(5, 1e9 - 1e6, "another")) == 3595
    assert closed().left_s(at(3600, 1e9 - 1e6, "another")) == 0


def test_a_block_of_before_a_reboot_does_not_come_back_when_the_machine_has_run_for_as_long_as_then() -> None:
    assert closed().left_s(at(101, 1e9 + 9e5, "another")) == 0


def test_two_processes_keep_one_pace(home: Path) -> None:
    file = home / "run" / "pace.json"
    program = (
        "from pathlib import Path; from common.psn.http.pace import CallRate\n"
        "from common.psn.http.shared import SharedPace\n"
        f"pace = SharedPace(Path({str(file)!r}), CallRate(0.001, 30))\n"
        "print(sum(pace.enter('here', 'mobile', urgent=False)[0] == 0 for _ in range(20)))"
    )
    both = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    went = [int(process.communicate(timeout=60)[0]) for process in both]
    assert sum(went) == 30
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xff", b"[]", b'{"place": "elsewhere", "full_ns": 9000000000000000}']
)
def test_a_spoilt_or_foreign_file_begins_anew(home: Path, content: bytes) -> None:
    file = home / "run" / "pace.json"
    file.write_bytes(content)
    pace = SharedPace(file, CallRate(0.001, 1))
    assert [pace.enter("here", "mobile", urgent=False)[0] > 0 for _ in range(2)] == [False, True]
    assert SharedPace(file, CallRate(0.001, 1)).enter("here", "mobile", urgent=False)[0] > 0


def test_a_lock_that_is_held_for_ever_stops_nobody(home: Path) -> None:
    file = home / "run" / "pace.json"
    with file.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        began = time.monotonic()
        pace = SharedPace(file, CallRate(0.001, 1))
        assert [pace.enter("here", "mobile", urgent=False)[0] > 0 for _ in range(2)] == [False, True]
        assert time.monotonic() - began < 10


def test_a_folder_that_is_gone_stops_nobody(home: Path) -> None:
    pace = SharedPace(home / "no" / "pace.json", CallRate(0.001, 1))
    assert [pace.enter("here", "mobile", urgent=False)[0] > 0 for _ in range(2)] == [False, True]
    assert pace.enter("here", "mobile", urgent=True)[0] == 0


def test_connections_are_counted_over_restarts_and_carefully_where_that_cannot_be_kept(home: Path) -> None:
    file, openings = home / "run" / "pace.json", Openings(600.0, 2)
    waits = [SharedPace(file, CallRate(1, 1)).opening("here", openings) for _ in range(3)]
    assert waits[:2] == [0, 0]
    assert 590 < waits[2] <= 600
    assert SharedPace(file, CallRate(1, 1)).opening("elsewhere", openings) == 0
    file.write_bytes(b"{ half of it")
    assert 9 < SharedPace(file, CallRate(1, 1)).opening("here", openings) <= 10
    for _ in range(3):  # a crash loop on a full disk
        assert 9 < SharedPace(home / "no" / "pace.json", CallRate(1, 1)).opening("here", openings) <= 10


def test_a_shorter_state_leaves_nothing_of_a_longer_one(home: Path) -> None:
    file = home / "run" / "pace.json"
    pace = SharedPace(file, CallRate(1, 30))
    pace.close("here", "mobile", closed(for_s=0.0))
    pace.enter("elsewhere", "mobile", urgent=False)
    assert PaceState(place="elsewhere") != msgspec.json.decode(file.read_bytes(), type=PaceState)


def test_what_closed_a_host_counts_from_the_moment_it_is_noted(home: Path) -> None:
    pace = SharedPace(home / "run" / "pace.json", CallRate(1, 30))
    pace.close("here", "", closed(for_s=60))
    forbidden = pace.forbidden("here", "mobile")
    assert forbidden is not None
    assert 50 < forbidden[1] <= 60
    assert forbidden[0].at.ago_s(Moment.now()) < 10


async def test_a_block_that_one_worker_met_stops_the_others_and_its_own_next_run(home: Path) -> None:
    async with scripted() as fake:
        made = settings(fake.url)
        fake.script(lambda: web.Response(status=403, text="<html>", content_type="text/html"), json_answer(200, {}))
        for host in ("mobile", "account", "mobile"):
            client = PsnClient(made.psn, source(made, home), Tokens())
            with pytest.raises(errors.BlockedError) as caught:
                await client.call(Call("GET", host, "/api/thing"))  # type: ignore[arg-type]
            assert "blocks this address" in caught.value.message
            await client.close()
        assert len(fake.asked) == 1


async def test_a_rate_limit_that_one_worker_met_holds_the_others_back_at_that_host_only(home: Path) -> None:
    async with scripted() as fake:
        made = settings(fake.url)
        fake.script(json_answer(429, {}, {"Retry-After": "900"}), json_answer(200, {}))
        first, second = (PsnClient(made.psn, source(made, home), Tokens()) for _ in range(2))
        for client in (first, second):
            with pytest.raises(errors.RateLimitedError) as caught:
                await client.call(GET)
            assert 890 < caught.value.retry_after <= 900
        assert (await second.call(Call("GET", "account", "/x", signed=False))).status == 200
        await first.close()
        await second.close()


def test_a_call_that_leaves_something_to_others_waits_without_reserving_anything() -> None:
    pace, state = CallRate(0.25, 60), PaceState()
    gone = 0
    for _ in range(500):
        state, wait = pace.take(state, S, leave=1 / 3)
        gone += wait == 0
    assert gone == 40
    assert pace.take(state, S, leave=1 / 3)[1] == 4
    for _ in range(20):  # and what is not at a stranger's wish goes at once
        state, wait = pace.take(state, S)
        assert wait == 0
    assert pace.take(state, S)[1] == 4


@given(st.lists(st.tuples(st.integers(0, 20 * S), st.booleans()), min_size=1, max_size=80))
def test_calls_that_yield_keep_the_pace_like_all_others(taken: list[tuple[int, bool]]) -> None:
    pace, state, now, goes = CallRate(1.0, 6), PaceState(), S, []
    for gap, yields in taken:
        now += gap
        state, wait = pace.take(state, now, leave=1 / 3 if yields else 0.0)
        if not (yields and wait):
            goes.append(now / S + wait)
    goes.sort()
    for first in range(len(goes)):
        for last in range(first, len(goes)):
            assert last - first + 1 <= 6 + (goes[last] - goes[first]) + 1e-3


@pytest.mark.parametrize("failing", ["_write", "os.open"])
def test_where_the_file_cannot_be_used_the_callers_together_still_keep_the_pace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    handles = [SharedPace(tmp_path / "pace.json", CallRate(0.01, 12)) for _ in range(shared.CALLERS)]
    monkeypatch.setattr(f"common.psn.http.shared.{failing}", full)
    waits = [handle.enter("here", "mobile", urgent=False)[0] for handle in handles for _ in range(30)]
    assert sum(wait == 0 for wait in waits) <= 12
    assert sum(wait < 1000 for wait in waits) <= 12 + 10


def test_what_was_closed_holds_also_when_nothing_more_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    first, second = (SharedPace(tmp_path / "pace.json", CallRate(1.0, 12)) for _ in range(2))
    closed = Closed(kind="blocked", message="no", for_s=900)
    first.close("here", "", closed)
    monkeypatch.setattr("common.psn.http.shared._write", full)
    assert second.enter("here", "mobile", urgent=False)[1] is not None
    assert second.enter("here", "mobile", urgent=False)[1] is not None


def test_a_caller_that_leaves_nearly_all_to_others_still_has_one_call() -> None:
    pace = CallRate(1.0, 1)
    state, wait = pace.take(PaceState(), S, leave=0.9)
    assert wait == 0
    assert pace.take(state, S, leave=0.9)[1] == 1


def test_the_first_state_is_of_the_beginning_of_time() -> None:
    first = PaceState()
    assert (first.at_ns, first.full_ns, first.opened_at_ns, first.opened_full_ns, first.closed) == (0, 0, 0, 0, {})
