"""The real broker, the real simulator and real workers for a test, and an ear on their bus."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from common.bus import Bus
from common.files.paths import Paths
from common.messages import (
    AuthState,
    Following,
    Invitations,
    Message,
    MixerState,
    PartyState,
    PeerSignal,
    PeerState,
    Problem,
    PushEvent,
    PushState,
    SignalRefused,
)
from tests.support.processes import PATIENCE_S, Process, running

T = TypeVar("T")
M = TypeVar("M", bound=Message)
HEARD = (
    AuthState, PartyState, Following, Invitations, PushState, PushEvent, PeerSignal, PeerState, SignalRefused, Problem,
    MixerState,
)  # fmt: skip


class Rig:
    """Processes by name, the latest retained messages by topic, and every message heard."""

    def __init__(self, home: Path, start: Callable[..., Process], bus: Bus) -> None:
        self.home = home
        self.paths = Paths(home)
        self.bus = bus
        self._start = start
        self.processes: dict[str, Process] = {}
        self.latest: dict[str, Message] = {}
        self.heard: list[Message] = []
        self.heard_at: list[float] = []
        """Of each of `heard`, in monotonic seconds."""

    def up(self, *names: str, env: dict[str, str] | None = None, more: tuple[str, ...] = (), through: str = "") -> None:
        """Start processes, each by the module `through`, if it is given."""
        for name in names:
            module, arguments = (
                (name, ["--managed", "--rate-limit", "0"]) if name == "simulator" else (f"workers.{name}", [])
            )
            whole = (*((through,) if through else ()), module)
            self.processes[name] = self._start(whole[0], self.home, env, *whole[1:], *arguments, *more)

    def again(self, name: str, env: dict[str, str] | None = None) -> None:
        """Kill a process with SIGKILL and start it anew, as supervisord would."""
        self.processes[name].kill()
        (self.paths.run / f"{name}.lives").unlink(missing_ok=True)  # many tests' kills are no loop of the worker's
        self.up(name, env=env)

    async def listen(self) -> None:
        async for received in self.bus.subscribe(*HEARD):
            if received.message is None:
                self.latest.pop(received.topic, None)
            else:
                self.latest[received.topic] = received.message
                self.heard.append(received.message)
                self.heard_at.append(time.monotonic())

    def now(self, cls: type[M]) -> M | None:
        found = self.latest.get(f"{cls.TOPIC}/")
        return found if isinstance(found, cls) else None

    def all(self, cls: type[M]) -> list[M]:
        return [message for message in self.heard if isinstance(message, cls)]

    def problems(self) -> dict[str, Problem]:
        return {message.code: message for message in self.latest.values() if isinstance(message, Problem)}

    async def until(self, condition: Callable[[], T], what: str, within_s: float = PATIENCE_S) -> T:
        deadline = time.monotonic() + within_s
        while not (value := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(f"within {within_s:g} s it did not happen that {what}\n{self.logs()}")
            await asyncio.sleep(0.02)
        return value

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
        bus = Bus("test", Paths(home).run)
        await bus.start()
        made = Rig(home, start, bus)
        ear = asyncio.create_task(made.listen())
        try:
            yield made
        finally:
            ear.cancel()
            await asyncio.gather(ear, return_exceptions=True)
            await bus.close()
