"""All workers keep one pace, and what closed the servers to one of them closes them to all."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import time
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from common.psn import errors
from common.psn.http import Call, PsnClient
from common.psn.pace import Closed, Pace, PaceState, close, closed_for
from common.psn.shared import SharedPace
from common.tables import Psn
from tests.psn_client.server import Tokens, json_answer, scripted, settings, source

S = 1_000_000_000
GET = Call("GET", "mobile", "/api/thing")


@given(st.lists(st.integers(0, 20 * S), min_size=1, max_size=80), st.integers(1, 10), st.sampled_from([0.25, 1.0, 7.0]))
def test_no_stretch_of_time_holds_more_calls_than_burst_and_pace_allow(
    gaps: list[int], burst: int, calls_per_s: float
) -> None:
    pace, state, now, goes = Pace(calls_per_s, burst), PaceState(), S, []
    for gap in gaps:
        now += gap
        state, wait = pace.take(state, now)
        goes.append(now / S + wait)
    goes.sort()
    for first in range(len(goes)):
        for last in range(first, len(goes)):
            assert last - first + 1 <= burst + (goes[last] - goes[first]) * calls_per_s + 1e-3


def test_a_burst_goes_at_once_and_the_pace_holds_then() -> None:
    pace, state, waits = Pace(0.5, 3), PaceState(), []
    for _ in range(5):
        state, wait = pace.take(state, S)
        waits.append(wait)
    assert waits == [0, 0, 0, 2, 4]
    assert pace.take(state, 100 * S)[1] == 0


def test_a_reboot_begins_anew() -> None:
    pace = Pace(0.001, 1)
    state, _ = pace.take(PaceState(), 500 * S)
    assert pace.take(state, 501 * S)[1] > 900
    assert pace.take(state, 20 * S)[1] == 0


def test_the_default_pace_stays_below_what_an_account_is_said_to_have() -> None:
    psn = Psn()
    assert psn.call_burst + 15 * 60 * psn.calls_per_s < 300


def closed(kind: str = "blocked", for_s: float = 3600, at_ns: int = 100 * S, now: float = 1e9) -> Closed:
    return Closed(kind=kind, message="no", at_ns=at_ns, until=now + for_s, for_s=for_s)  # type: ignore[arg-type]


def test_a_block_holds_for_every_host_and_every_call_and_ends() -> None:
    state = close(PaceState(), "", closed())
    for urgent in (True, False):
        assert closed_for(state, "mobile", 100 * S, 1e9, urgent=urgent) == (closed(), 3600)
    assert closed_for(state, "account", 3699 * S, 0.0, urgent=False) == (closed(), 1)
    assert closed_for(state, "account", 3700 * S, 0.0, urgent=False) is None


def test_a_rate_limit_holds_for_its_host_and_lets_urgent_calls_pass() -> None:
    state = close(PaceState(), "account", closed("rate-limited", 60))
    assert closed_for(state, "account", 100 * S, 1e9, urgent=False) is not None
    assert closed_for(state, "account", 100 * S, 1e9, urgent=True) is None
    assert closed_for(state, "mobile", 100 * S, 1e9, urgent=False) is None


def test_after_a_reboot_the_wall_clock_tells_and_one_that_was_set_is_not_believed() -> None:
    assert closed().left_s(5 * S, 1e9 + 600) == 3000
    assert closed().left_s(5 * S, 1e9 + 3600) == 0
    assert closed().left_s(5 * S, 1e9 - 1e6) == 0


def test_two_processes_keep_one_pace(home: Path) -> None:
    file = home / "run" / "pace.json"
    program = (
        "from pathlib import Path; from common.psn.pace import Pace; from common.psn.shared import SharedPace\n"
        f"pace = SharedPace(Path({str(file)!r}), Pace(0.001, 30))\n"
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
    pace = SharedPace(file, Pace(0.001, 1))
    assert [pace.enter("here", "mobile", urgent=False)[0] > 0 for _ in range(2)] == [False, True]
    assert SharedPace(file, Pace(0.001, 1)).enter("here", "mobile", urgent=False)[0] > 0


def test_a_lock_that_is_held_for_ever_stops_nobody(home: Path) -> None:
    file = home / "run" / "pace.json"
    with file.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        began = time.monotonic()
        pace = SharedPace(file, Pace(0.001, 1))
        assert [pace.enter("here", "mobile", urgent=False)[0] > 0 for _ in range(2)] == [False, True]
        assert time.monotonic() - began < 10


def test_a_folder_that_is_gone_stops_nobody(home: Path) -> None:
    pace = SharedPace(home / "no" / "pace.json", Pace(0.001, 1))
    assert [pace.enter("here", "mobile", urgent=False)[0] > 0 for _ in range(2)] == [False, True]
    assert pace.enter("here", "mobile", urgent=True)[0] == 0


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
