"""What a hostile or broken server may push at the worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from common.paths import Paths
from common.psn.push import MAX_FRAME_BYTES
from common.tables import Settings
from workers.signaling.worker import Signaling


@pytest.fixture
async def worker(home: Path) -> AsyncIterator[Signaling]:
    made = Signaling(Paths(home), Settings())
    yield made
    await made.stop()
    await made.bus.close()


async def test_each_bad_frame_is_counted_as_a_problem_and_nothing_dies(worker: Signaling) -> None:
    bad = {"truncated": b'{"method":3001', "malformed": b"{]", "oversized": b" " * (MAX_FRAME_BYTES + 1)}
    for kind, raw in bad.items():
        for times in (1, 2):
            worker._on_frame(raw)
            assert worker.problem_count(f"signaling.push-{kind}") == times


async def test_an_event_that_is_new_to_us_is_published_and_no_problem(worker: Signaling) -> None:
    worker._on_frame('{"method":3001,"dataType":"psn:something:new","body":{"data":{}}}')
    assert worker._number == 1


@tuned(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_no_frame_raises(worker: Signaling, raw: bytes | str) -> None:
    worker._on_frame(raw)
