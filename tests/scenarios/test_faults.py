"""What the simulator does wrong on demand, seen by a client that shares no code with the product."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import aiohttp
import pytest

from simulator.push.faults import PushFaults
from simulator.scenarios import SCENARIOS
from simulator.shared.faults import Fault, Faults
from tests.simulator.client import CONTEXT, Client
from tests.simulator.conftest import client, simulated  # noqa: F401
from tests.support.waiting import until

PROFILE = "/api/userProfile/v1/internal/users/5012345678901234567/profiles"


def test_a_fault_is_met_as_often_as_was_asked_for_and_only_where_it_fits() -> None:
    faults = Faults()
    faults.add(Fault(path="/mobile/", status=503, times=2, method="post"))
    faults.add(Fault(path="/mobile/", status=400, times=0, contains="version=3.0"))
    assert faults.take("POST", "/account/x") is None
    assert faults.wants_text("GET", "/mobile/x")
    assert not faults.wants_text("GET", "/account/x")
    statuses = [found.status if (found := faults.take("POST", "/mobile/x", "?Version=3.0")) else 0 for _ in range(4)]
    assert statuses == [503, 503, 400, 400]
    assert faults.take("GET", "/mobile/x", "version=2.1") is None
    assert [fault.times for fault in faults.standing] == [0]
    assert faults.met == 4
    faults.clear()
    assert faults.take("GET", "/mobile/x", "version=3.0") is None


def test_events_change_places_double_and_take_their_old_names() -> None:
    faults = PushFaults()
    frames = [b'{"dataType":"psn:sessionManager:sys:v2:ps:members:created"}', b"2"]
    assert faults.frames(frames) == frames
    faults.shuffled = faults.doubled = faults.v1_names = True
    old = b'{"dataType":"psn:sessionManager:sys:pts:members:created"}'
    assert faults.frames(frames) == [b"2", b"2", old, old]
    faults.calm()
    assert faults.frames(frames) == frames


async def test_each_shape_of_a_fault(client: Client) -> None:  # noqa: F811
    await client.control("faults", {"path": "/mobile/", "status": 503})
    answer = await client.call("GET", PROFILE)
    assert (answer.status, sorted(answer.body["error"])) == (503, ["code", "message", "referenceId"])
    await client.control("faults", {"path": "/mobile/", "status": 403, "html": True})
    answer = await client.call("GET", PROFILE)
    assert (answer.status, answer.headers["Content-Type"]) == (403, "text/html")
    await client.control("faults", {"path": "/mobile/", "status": 429, "headers": {"Retry-After": "7"}})
    answer = await client.call("GET", PROFILE)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
    await client.control("faults", {"path": "/mobile/", "status": 429, "next_available_s": 100})
    answer = await client.call("GET", PROFILE)
    assert 0 < float(answer.headers["X-RateLimit-Next-Available"]) - time.time() < 102
    await client.control(
        "faults", {"path": "/mobile/", "cut": True, "times": 2}
    )  # aiohttp repeats a GET once by itself
    with pytest.raises(aiohttp.ClientError):
        await client.call("GET", PROFILE)
    await client.control("faults", {"path": "/mobile/", "delay_s": 0.2})
    began = time.monotonic()
    assert (await client.call("GET", PROFILE)).status == 200
    assert time.monotonic() - began >= 0.2
    assert await client.control("faults") == {"standing": [], "met": 7}
    assert await client.violations() == []


@pytest.mark.parametrize("body", [{}, {"path": "/mobile/", "statuss": 1}, {"path": "/mobile/", "status": 1000}])
async def test_a_fault_that_is_none_is_refused_with_a_reason(client: Client, body: dict) -> None:  # noqa: F811
    answer = await client.raw("POST", f"{client.info.control_url}/faults", json=body)
    assert answer.status == 400
    assert (await client.raw("POST", f"{client.info.control_url}/scenario", json={"name": "no"})).status == 404


async def test_a_push_channel_closes_with_the_odd_codes_that_were_seen(client: Client) -> None:  # noqa: F811
    for name, code in (("close-4101", 4101), ("close-65535", 65535), ("push-dropped", 1001)):
        await client.control("scenario", {"name": name})
        await until(lambda: client.socket.closed, "the channel is closed")
        assert client.socket.close_code == code
        await client.open_push()


def test_only_channels_from_before_are_deaf() -> None:
    faults = PushFaults(deaf_before=100.0)
    assert not faults.answers_pings(99.0)
    assert faults.answers_pings(100.0)
    faults.calm()
    assert faults.answers_pings(99.0)


async def test_events_come_twice_and_under_their_old_names(simulated) -> None:  # noqa: F811
    async with simulated() as client:  # noqa: F811
        await client.control("scenario", {"name": "events-doubled"})
        await client.control("scenario", {"name": "v1-names"})
        await (await client.sign_in()).open_push()
        assert (await client.join()).status == 201
        twice = [await client.event("pts:members:created") for _ in range(2)]
        assert twice[0] == twice[1]
        assert twice[0]["contexts"][0]["contextId"] == CONTEXT


async def test_short_tokens_live_short_until_it_is_calm_again(client: Client) -> None:  # noqa: F811
    await client.control("scenario", {"name": "short-tokens"})
    assert (await client.call("GET", PROFILE)).status == 401
    fresh = await client.by_refresh(client.token["refresh_token"])
    assert fresh.body["expires_in"] == 4
    await client.control("scenario", {"name": "refresh-refused"})
    refused = await client.by_refresh(client.token["refresh_token"])
    assert (refused.status, refused.body["error"]) == (400, "invalid_grant")
    assert (await client.by_code(await client.code())).status == 200
    await client.control("scenario", {"name": "calm"})
    assert (await client.by_refresh(client.token["refresh_token"])).body["expires_in"] == 3599


def test_every_scenario_is_told_by_help() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "simulator", "--help"], capture_output=True, text=True, timeout=60, check=True
    )
    for name, scenario in SCENARIOS.items():
        assert any(name in line and scenario.words in line for line in told.stdout.splitlines())


async def test_the_control_host_names_every_scenario(client: Client) -> None:  # noqa: F811
    told = await client.control("scenarios")
    assert told == json.loads(json.dumps({name: scenario.words for name, scenario in SCENARIOS.items()}))
