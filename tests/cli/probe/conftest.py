from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import folder_of_a_home


@pytest.fixture
def home() -> Iterator[Path]:
    """A real home: the other commands' tests have one with a pipeline of stand-ins."""
    yield from folder_of_a_home()
