"""The WebSocket against its AsyncAPI document. A longer run is `python -m benchmarks.api.contract`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from common.api import PATH
from tests.workers.dashboard.api.contract.event_schema import Frames
from tests.workers.dashboard.api.contract.keyring import HTTP, Keyring, Kind
from tests.workers.dashboard.api.contract.over_events import Connections
from tests.workers.dashboard.stage import Stage

EXAMPLES = 12
VALID, INVALID = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


Documents = tuple[dict[str, Any], dict[str, Any]]


@pytest.fixture(scope="module")
def documents(stage: Stage) -> Documents:
    asyncapi, openapi = (HTTP.get(f"{stage.origin}{PATH}/{name}.json").json() for name in ("asyncapi", "openapi"))
    return asyncapi, openapi


@pytest.fixture(scope="module")
def frames(documents: Documents) -> Frames:
    return Frames(*documents)


def exchange(connections: Connections, frames: st.SearchStrategy[Any], examples: int = EXAMPLES) -> None:
    """Send drawn frames, the same ones each time."""

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],  # a fault is told with its frame, which is small already
        suppress_health_check=list(HealthCheck),
    )
    @given(frames)
    def each(frame: Any) -> None:
        connections.exchange(frame)

    each()
    assert not connections.faults, "\n".join(connections.faults[:5])


def test_every_kind_of_frame_gets_the_answer_that_the_document_promises(
    stage: Stage, ring: Keyring, documents: Documents, frames: Frames
) -> None:
    with Connections(stage.origin, ring, "admin", *documents, count=6) as connections:
        exchange(connections, frames.any("Subscribe", VALID))
        exchange(connections, frames.any("Subscribe", INVALID))
        exchange(connections, frames.any("Ask", INVALID))
        exchange(connections, frames.subscriptions())
        exchange(connections, frames.requests(VALID), 2 * EXAMPLES)
        exchange(connections, frames.requests(INVALID), 2 * EXAMPLES)
        assert {"snapshot", "answer", "api.bad-request", "closed"} <= set(connections.got)


@pytest.mark.parametrize("kind", ["read", "overlay", "also", "control"])
def test_requests_get_the_answer_that_their_key_allows(
    stage: Stage, ring: Keyring, documents: Documents, frames: Frames, kind: Kind
) -> None:
    with Connections(stage.origin, ring, kind, *documents, count=2) as connections:
        exchange(connections, frames.requests(VALID))
        assert "api.not-allowed" in connections.got
