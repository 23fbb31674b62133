"""A running pipeline comes into another realm by a restart of the workers that read it."""

from __future__ import annotations

import pytest

from cli.account import switch_realm
from cli.shared.bus_state import BusState
from cli.shared.failures import CommandError
from common.config.realm import READERS
from common.messages import AuthState
from tests.cli.shared.bus_states import bus_state


def realm(name: str) -> BusState:
    return bus_state(AuthState(state="signed_in", realm=name))  # type: ignore[arg-type]


class Process:
    def __init__(self, name: str) -> None:
        self.name = name


class Supervisor:
    def processes(self) -> list[Process]:
        return [Process(name) for name in ("broker", *READERS[:2])]


@pytest.fixture
def restarted(monkeypatch):
    """Return the restarted workers of a pipeline in the simulator, whose auth comes back in `realm`."""
    found: list[str] = []
    states = {"before": realm("simulator"), "after": realm("playstation")}

    async def snapshot(bus, wait_s=3.0):
        return states["after" if found else "before"]

    async def restart_and_wait(supervisor, names, bus):
        found.extend(names)

    monkeypatch.setattr(switch_realm, "snapshot", snapshot)
    monkeypatch.setattr(switch_realm, "restart_and_wait", restart_and_wait)
    monkeypatch.setattr(switch_realm, "SWITCH_S", 0.05)
    monkeypatch.setattr(switch_realm, "POLL_S", 0.01)
    return found


async def test_only_the_readers_that_run_are_restarted(restarted):
    state = await switch_realm.switch(None, Supervisor(), "playstation")
    assert state.realm == "playstation"
    assert restarted == list(READERS[:2])


async def test_in_the_same_realm_nothing_is_restarted(restarted):
    await switch_realm.switch(None, None, "simulator")
    assert restarted == []


async def test_without_supervisord_the_workers_to_restart_are_named(restarted):
    with pytest.raises(CommandError) as error:
        await switch_realm.switch(None, None, "playstation")
    assert all(name in error.value.remedy for name in READERS)


async def test_a_pipeline_that_stays_in_the_other_realm_is_an_error(restarted):
    with pytest.raises(CommandError, match="did not switch"):
        await switch_realm._wait_for(None, "playstation")
