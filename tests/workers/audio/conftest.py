from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.soundserver import SoundServer


@pytest.fixture
def server() -> Iterator[SoundServer]:
    with SoundServer() as server:
        yield server
