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
from workers.signaling.push_channel.keep_alive import KeepAlive
from workers.signaling.push_channel.push_connection import Agreed, Hooks, OpenLink
from workers.signaling.worker import Signaling


@pytest.fixture
async def worker(home: Path) -> AsyncIterator[Signaling]:
    made = Signaling(Paths(home), Settings())
    yield made
    await made.stop()
    await made.bus.close()


@pytest.fixture
async def link(worker: Signaling) -> OpenLink:
    """An open channel of that worker, whose socket is never used."""
    token = Token(access_token="t", account_id="1", duid="", expires_at=9e9)
    hooks = Hooks(
        opened=lambda: None,
        frame=worker._on_frame,
        bad_frame=worker._on_bad_frame,
        paced=lambda *_: None,
        doubted=lambda _: None,
    )
    socket: Any = None
    return OpenLink(worker.settings.psn, socket, Agreed("3.0", token), KeepAlive(), hooks)


async def test_each_bad_frame_is_counted_as_a_problem_and_nothing_dies(worker: Signaling, link: OpenLink) -> None:
    bad = {"truncated": b'{"method":3001', "malformed": b"{]", "oversized": b" " * (MAX_FRAME_BYTES + 1)}
    for kind, raw in bad.items():
        for times in (1, 2):
            link._take(raw)
            assert worker.problem_count(f"signaling.push-{kind}") == times


async def test_an_event_that_is_new_to_us_is_published_and_no_problem(worker: Signaling, link: OpenLink) -> None:
    link._take('{"method":3001,"dataType":"psn:something:new","body":{"data":{}}}')
    assert worker._number == 1


async def test_a_number_that_the_bus_could_not_carry_ends_nothing(worker: Signaling, link: OpenLink) -> None:
    for number in (2**63, 2**64, 10**30):
        contexts = f'[{{"contextId":"c","sequenceNumber":{number}}}]'
        link._take(f'{{"method":3001,"dataType":"x","contexts":{contexts},"body":{{"data":{{}}}}}}')
    assert worker._number == 3


@tuned(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_no_frame_raises(link: OpenLink, raw: bytes | str) -> None:
    link._take(raw)
