"""The real broker, the real simulator and real workers for a test, and an ear on their bus."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from common.bus import Bus
from common.files.paths import Paths
from common.messages import PartyState, Problem
from tests.support.bus_watcher import BusWatcher, watching
from tests.support.processes import Process, running
from tests.support.waiting import PATIENCE_S, Words

T = TypeVar("T")


class Rig(BusWatcher):
    """Processes by name, and what they publish."""

    def __init__(self, home: Path, start: Callable[..., Process], bus: Bus) -> None:
        super().__init__(bus)
        self.home = home
        self.paths = Paths(home)
        self._start = start
        self.processes: dict[str, Process] = {}

    def up(self, *names: str, env: dict[str, str] | None = None, more: tuple[str, ...] = (), through: str = "") -> None:
        """Start processes, each by the module `through`, if it is given."""
        for name in names:
            module, arguments = (
                (name, ["--managed", "--rate-limit", "0"]) if name == "simulator" else (f"workers.{name}", [])
            )
            whole = (*((through,) if through else ()), module)
            self.start(name, whole[0], env, *whole[1:], *arguments, *more)

    def start(self, name: str, module: str, env: dict[str, str] | None = None, *arguments: str) -> None:
        """Start any module as the process `name`."""
        self.processes[name] = self._start(module, self.home, env, *arguments)

    def again(self, name: str, env: dict[str, str] | None = None) -> None:
        """Kill a process with SIGKILL and start it anew, as supervisord would."""
        self.processes[name].kill()
        (self.paths.run / f"{name}.lives").unlink(missing_ok=True)  # many tests' kills are no loop of the worker's
        self.up(name, env=env)

    async def until(self, condition: Callable[[], T], what: Words, within_s: float = PATIENCE_S) -> T:
        def words() -> str:
            return f"{what if isinstance(what, str) else what()}\n{self.logs()}"

        return await super().until(condition, words, within_s)

    def problems(self) -> dict[str, Problem]:
        """Return the open problems by code, without what only says that this machine is busy."""
        return {code: problem for code, problem in super().problems().items() if code != "media.late-ticks"}

    async def joined(self, within_s: float = PATIENCE_S) -> PartyState:
        def full() -> PartyState | None:
            state = self.now(PartyState)
            return state if state and state.phase == "joined" and len(state.members) > 1 else None

        return await self.until(full, "the party is joined", within_s)  # type: ignore[return-value]

    async def control(self, what: str, body: dict[str, Any] | None = None) -> Any:
        """Ask the simulator's control API: GET, or POST when there is a body."""
        info = json.loads(self.paths.simulator_file.read_text())
        url = f"{info['control_url'].rstrip('/')}/{what}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})

        def ask() -> Any:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)

        return await asyncio.to_thread(ask)

    def info(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.paths.simulator_file.read_text())
        return found

    async def calls(self) -> list[str]:
        """Every HTTP call that the simulator has answered, as ``METHOD what``."""
        calls = await self.control("calls")
        return [f"{c['method']} {c['path']}" for c in calls if not c["path"].startswith("/control")]

    async def party_members(self) -> list[str]:
        (party,) = (await self.control("state"))["parties"]
        return [member["accountId"] for member in party["members"]]

    def logs(self) -> str:
        return "\n".join(f"--- {name}\n{process.output[-4000:]}" for name, process in self.processes.items())


def real(made: Rig) -> dict[str, str]:
    """Return the variables that make the running simulator the realm `playstation`."""
    hosts = ("account", "mobile", "web", "dms", "profile", "party_link", "push", "push_socket")
    found = {f"PARTYLINE_PSN__{host.upper()}_URL": str(made.info()[f"{host}_url"]) for host in hosts}
    return {**found, "PARTYLINE_PSN__REALM": "playstation", "PARTYLINE_AUTH__STORE": "file"}


@asynccontextmanager
async def rig(home: Path) -> AsyncIterator[Rig]:
    with running() as start:
        async with watching(home, make=lambda bus: Rig(home, start, bus)) as made:
            yield made
