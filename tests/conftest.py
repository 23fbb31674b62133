from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from common.paths import Paths
from simulator.ledger import VARIABLE
from tests.processes import Process, running, short_folder

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("here")  # a busy machine is no finding


def pytest_configure(config: pytest.Config) -> None:
    """Have every simulator, in whichever process, note the secrets that it gives out."""
    file = Path(tempfile.mkdtemp(prefix="pl-ledger-")) / "ledger"
    os.environ[VARIABLE] = str(file)
    config.add_cleanup(lambda: shutil.rmtree(file.parent, ignore_errors=True))
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background: no child would hear Ctrl-C
        signal.signal(signal.SIGINT, signal.default_int_handler)


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
