from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from common.paths import Paths
from tests.processes import Process, running, short_folder

WIRE = Path(__file__).parent / "wire"


@pytest.fixture
def home() -> Iterator[Path]:
    """A `$PARTYLINE_HOME` of the test's own, with its folders made."""
    with short_folder() as folder:
        Paths(folder).make()
        yield folder


@pytest.fixture
def start() -> Iterator[Callable[..., Process]]:
    """Start real processes (`start(module, home, env, *arguments)`) that end with the test."""
    with running() as starter:
        yield starter


@pytest.fixture
def wire() -> Callable[[str], bytes]:
    """Read a golden sample of Sony's wire."""
    return lambda name: (WIRE / name).read_bytes()
