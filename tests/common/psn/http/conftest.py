from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.psn.http.client import PsnClient
from tests.common.psn.http.server import Scripted, Tokens, scripted, settings, source


@pytest.fixture
async def fake() -> AsyncIterator[Scripted]:
    async with scripted() as made:
        yield made


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
async def client(fake: Scripted, tokens: Tokens, home: Path) -> AsyncIterator[PsnClient]:
    made = settings(fake.url, retries=3, backoff_max_s=0.05)
    client = PsnClient(made.psn, source(made, home), tokens)
    yield client
    await client.close()
