"""What a hostile or broken server may push at the worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from common.config.tables import Settings
from common.files.paths import Paths
from common.psn.party.push import MAX_FRAME_BYTES
from common.requests import Token
from workers.signaling.push_channel.keep_alive import KeepAliveTiming
from workers.signaling.push_channel.push_connection import PushConnection
from workers.signaling.push_channel.status_control import ConnectionTerms
from workers.signaling.worker import Signaling


@pytest.fixture
async def worker(home: Path) -> AsyncIterator[Signaling]:
    made = Signaling(Paths(home), Settings())
    yield made
    await made.stop()
    await made.bus.close()


@pytest.fixture
async def link(worker: Signaling) -> PushConnection:
    """An open channel of that worker, whose socket is never used."""
    token = Token(access_token="t", account_id="1", duid="", expires_at=9e9)
    socket: Any = None
    terms = ConnectionTerms("3.0", token)
    return PushConnection(worker.settings.psn, socket, terms, KeepAliveTiming(), worker._channel)


async def test_each_bad_frame_is_counted_as_a_problem_and_nothing_dies(worker: Signaling, link: PushConnection) -> None:
    bad = {"truncated": b'{"method":3001', "malformed": b"{]", "oversized": b" " * (MAX_FRAME_BYTES + 1)}
    for kind, raw in bad.items():
        for times in (1, 2):
            link._on_data(raw)
            assert worker.problem_count(f"signaling.push-{kind}") == times


async def test_an_event_that_is_new_to_us_is_published_and_no_problem(worker: Signaling, link: PushConnection) -> None:
    link._on_data('{"method":3001,"dataType":"psn:something:new","body":{"data":{}}}')
    assert worker._push.events == 1


async def test_a_number_that_the_bus_could_not_carry_ends_nothing(worker: Signaling, link: PushConnection) -> None:
    for number in (2**63, 2**64, 10**30):
        contexts = f'[{{"contextId":"c","sequenceNumber":{number}}}]'
        link._on_data(f'{{"method":3001,"dataType":"x","contexts":{contexts},"body":{{"data":{{}}}}}}')
    assert worker._push.events == 3


@tuned(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_no_frame_raises(link: PushConnection, raw: bytes | str) -> None:
    link._on_data(raw)
