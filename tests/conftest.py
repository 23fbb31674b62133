from __future__ import annotations

import functools
import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from common.files.paths import Paths
from common.files.state import SET_ASIDE
from common.files.unsaved import UNSAVED
from common.log import logs
from simulator.shared.issued_secrets import VARIABLE
from tests.support.processes import Process, running, short_folder
from tests.support.stalls import Stalls
from tests.support.suite import open_connections, order
from tests.support.suite.costs import Costs
from tests.support.suite.retries import PROPERTY, TRIES, Retries

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "here"))  # a busy machine is no finding


def pytest_configure(config: pytest.Config) -> None:
    """Have every simulator, in whichever process, note the secrets that it gives out."""
    file = Path(tempfile.mkdtemp(prefix="pl-ledger-")) / "ledger"
    os.environ[VARIABLE] = str(file)
    config.add_cleanup(lambda: shutil.rmtree(file.parent, ignore_errors=True))
    open_connections.watch()
    config.add_cleanup(open_connections.unwatch)
    config.pluginmanager.register(Costs(config))
    if not hasattr(config, "workerinput"):  # one of xdist's processes reports to the main one
        config.pluginmanager.register(Retries())
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background: no child would hear Ctrl-C
        signal.signal(signal.SIGINT, signal.default_int_handler)


STALLS = pytest.StashKey[Stalls]()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Refuse a marker that the Makefile would not find: it looks for files that have the marker's name."""
    for name in ("realtime", "alone"):
        if item.get_closest_marker(name) and f"mark.{name}" not in _source(item.path):
            raise pytest.UsageError(f"{item.nodeid} is marked {name}, but not in its own file")


@functools.cache
def _source(file: Path) -> str:
    return file.read_text("utf-8")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Have the garbage collector leave alone what stays: that was a third of the collection, and part of each test."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)  # what is deselected is gone then
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the longest. Let what judges sound as it is heard be tried again, if the machine stood still."""
    if hasattr(config, "workerinput"):
        items[:] = order.longest_first(items)
    if sounding := [item for item in items if item.get_closest_marker("realtime")]:
        stalls = config.stash[STALLS] = Stalls()
        config.add_cleanup(stalls.close)
        for item in sounding:
            item.add_marker(pytest.mark.flaky(reruns=TRIES - 1, condition=lambda: bool(stalls.found_ms())))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if stalls := item.config.stash.get(STALLS, None):
        stalls.forget()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say with a failure how late the machine was."""
    report = yield
    if report.failed and (stalls := item.config.stash.get(STALLS, None)):
        report.sections.append(("This machine came late by (ms)", str(stalls.found_ms())))
    return report


@pytest.fixture
def may_try_again(request: pytest.FixtureRequest) -> Callable[[], bool]:
    """Return whether a test that judges sound may try again: the machine stood still since it was asked last."""
    stalls = request.config.stash[STALLS]
    taken = [True]

    def asked() -> bool:
        if len(taken) >= TRIES or not stalls.found_ms():
            return False
        stalls.forget()
        taken.append(True)
        request.node.user_properties.append((PROPERTY, True))
        return True

    return asked


WIRE = Path(__file__).parent / "wire"


@pytest.fixture(autouse=True)
def nothing_left_over() -> Iterator[None]:
    """Forget what a test left in the one place of this process for it: unsaved files, and the secrets to redact."""
    UNSAVED.forget()
    SET_ASIDE.take()
    before = set(logs._known)
    yield
    logs._known.intersection_update(before)


def folder_of_a_home() -> Iterator[Path]:
    with short_folder() as folder:
        Paths(folder).make()
        yield folder


@pytest.fixture
def home() -> Iterator[Path]:
    """A `$PARTYLINE_HOME` of the test's own, with its folders made."""
    yield from folder_of_a_home()


@pytest.fixture
def start() -> Iterator[Callable[..., Process]]:
    """Start real processes (`start(module, home, env, *arguments)`) that end with the test."""
    with running() as starter:
        yield starter


@pytest.fixture
def wire() -> Callable[[str], bytes]:
    """Read a golden sample of Sony's wire."""
    return lambda name: (WIRE / name).read_bytes()
