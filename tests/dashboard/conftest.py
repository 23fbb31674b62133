from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dashboard.stage import Stage, staged


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A running dashboard, shared by the tests of one file."""
    with staged() as stage:
        yield stage
