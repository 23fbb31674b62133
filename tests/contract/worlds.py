"""The two worlds that a contract is run in: real workers against the simulator, and the stand-ins of tests/cli."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from common.bus import Bus
from common.errors import PartylineError
from common.messages import Message
from common.requests import Request
from tests.cli import fakeworker
from tests.common.psn.rig import Rig, real, rig
from tests.contract import rules
from tests.support.bus_watcher import BusWatcher, has

R = TypeVar("R")
M = TypeVar("M", bound=Message)
ANSWER_S = 60.0
REAL = ("auth", "audio", "media", "signaling", "session", "recorder", "obs", "webrtc")
SETTINGS = {
    "PARTYLINE_PSN__REALM": "playstation",
    "PARTYLINE_AUDIO__SINK": "device",
    "PULSE_SERVER": "unix:/nonexistent",  # no sound server: a machine without a device
    "PARTYLINE_AUTH__STORE": "file",
    "PARTYLINE_SIMULATOR__CONSOLES": "1",
    "PARTYLINE_MEDIA__OFFER_AFTER_S": "0.2",
    "PARTYLINE_DASHBOARD__LISTEN": "0.0.0.0",  # else webrtc has nothing to do
    "PARTYLINE_OBS__PORT": "1",  # nobody listens there: a machine on which OBS does not run
}


class World:
    """Workers, what they publish, and what a contract needs to know of them."""

    def __init__(self, watcher: BusWatcher, party: str, npsso: str) -> None:
        self.watcher = watcher
        self.party = party
        """A party that may be joined."""
        self.npsso = npsso

    async def ask(self, request: Request[R]) -> R:
        """Return the answer, which is of the request's type and keeps the rules."""
        answer = await self.watcher.bus.request(request, ANSWER_S)
        assert isinstance(answer, request.REPLY)
        rules.check(answer)
        return answer

    async def refused(self, request: Request[Any], kind: type[PartylineError], code: str = "") -> PartylineError:
        """Have a request refused with that kind of error, whose words keep the rules."""
        with pytest.raises(kind) as caught:
            await self.watcher.bus.request(request, ANSWER_S)
        rules.refusal(caught.value)
        assert caught.value.code.startswith(code or kind.code)
        return caught.value

    async def shows(self, cls: type[M], key: str = "", **fields: Any) -> M:
        """Wait until the retained message has these fields."""
        found = await self.watcher.until(
            lambda: has(self.watcher, cls, key, **fields),
            lambda: f"{cls.__name__} has {fields}; it is {self.watcher.now(cls, key)}",
        )
        assert found is not None
        return found


@asynccontextmanager
async def stand_ins(home: Path) -> AsyncIterator[tuple[Rig, World]]:
    async with rig(home) as made:
        made.up("broker")
        for name in fakeworker.WORKERS:
            if name != fakeworker.Crash.name:
                made.start(name, "tests.cli.fakeworker", SETTINGS, name)
        yield made, World(made, fakeworker.SESSION, fakeworker.GOOD_NPSSO)


@asynccontextmanager
async def real_workers(home: Path) -> AsyncIterator[tuple[Rig, World]]:
    async with rig(home) as made:
        made.up("broker")
        made.up("simulator", env=SETTINGS | {"PARTYLINE_PSN__REALM": "simulator"})
        await made.until(made.paths.simulator_file.exists, "the simulator serves")
        made.up(*REAL, env={**SETTINGS, **real(made), "XDG_DATA_HOME": str(home / "data")})  # it has the trash
        info = made.info()
        yield made, World(made, info["session_id"], info["npsso"])


WORLDS = {"real": real_workers, "stand-ins": stand_ins}


async def asks_in_vain(bus: Bus, request: Request[Any]) -> PartylineError:
    with pytest.raises(PartylineError) as caught:
        await bus.request(request, ANSWER_S)
    return caught.value
