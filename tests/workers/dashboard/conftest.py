from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import chromium
from tests.workers.dashboard.stage import Stage, staged
from tests.workers.dashboard.window import LIMIT_MS


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A running dashboard, shared by the tests of one file."""
    with staged() as stage:
        yield stage


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=LIMIT_MS)
    with chromium() as browser:
        yield browser


@pytest.fixture
def party(stage: Stage) -> Stage:
    stage.furnish()
    stage.signed_in()
    stage.party(2)
    return stage
