"""Homes with stand-in workers under a real supervisord."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.cli.running import Home


def _home() -> Iterator[Home]:
    with TemporaryDirectory(prefix="pl-") as folder:
        home = Home(Path(folder))
        home.write_conf()
        try:
            yield home
        finally:
            home.end()


@pytest.fixture
def home() -> Iterator[Home]:
    """A home in which nothing runs yet."""
    yield from _home()


@pytest.fixture(scope="module")
def pipeline() -> Iterator[Home]:
    """A running pipeline of stand-ins, shared by the tests of one file."""
    for home in _home():
        started = home.run("up")
        assert started.code == 0, started.err
        yield home
