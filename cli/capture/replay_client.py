"""The client of a replay, which is our own workers in a separate home, repeating a capture's actions."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captures import calls
from captures.model import Capture, Exchange
from captures.replay.server import ReplayServer
from cli.shared.failures import CommandError
from common.bus import Bus
from common.errors import PartylineError
from common.files.paths import Paths
from common.psn.http.endpoints import SimulatorInfo
from common.psn.known import Endpoint
from common.psn.party.sessions import BASE
from common.requests import CreateParty, JoinParty, LeaveParty, ListParties, Request, SignIn

WORKERS = ("broker", "auth", "signaling", "session", "media")
NPSSO = "0" * 64
QUIET_S, LACKING_S, LONGEST_S = 2.0, 10.0, 60.0
"""A step ends after `QUIET_S` without a request or push message, if no push message is due. It is `LACKING_S` if the
app made more calls until its next step than we did. `LONGEST_S` is the limit of both."""
_STEP_S = 60.0
_LOOK_S = 0.1
_STOP_S = 10.0
_PARTY = f"{BASE}/partySessions/{{session_id}}"
TOKEN = "POST /api/authz/v3/oauth/token"  # noqa: S105  # a call's name
LINK = "GET /api/cpss/v1/partyInfo/{cpss_id}"


@dataclass(frozen=True)
class ReplayStep:
    """A request to our workers, and the time at which the app began its next step (Unix, infinite after the last)."""

    request: Request[Any]
    until: float


def steps(capture: Capture, info: SimulatorInfo) -> list[ReplayStep]:
    """Return the steps that make our workers repeat the capture, in its order.

    Raises `CommandError` if the capture has no sign-in, since nothing works without one.
    """
    found: list[tuple[Request[Any], float]] = []
    link = ""
    for exchange in sorted(capture.exchanges, key=lambda e: (e.at, e.n)):
        endpoint = calls.endpoint(exchange)
        if endpoint is None or not exchange.status:
            continue
        if endpoint.name == LINK:
            link = exchange.values[0]
        request = _step(endpoint, exchange, f"{info.party_link_url}/{link}" if link else "")
        if request is not None and not any(type(request) is type(before) for before, _ in found):
            found.append((request, exchange.at))
    if not any(isinstance(request, SignIn) for request, _ in found):
        raise CommandError(
            "The capture contains no sign-in, so our client cannot run against it.",
            "Capture again. Sign out in the app first, so that the capture includes the sign-in.",
        )
    found.sort(key=lambda step: not isinstance(step[0], SignIn))  # nothing works before it
    ends = [*(at for _, at in found[1:]), math.inf]
    return [ReplayStep(request, until) for (request, _), until in zip(found, ends, strict=True)]


def _step(endpoint: Endpoint, exchange: Exchange, link: str) -> Request[Any] | None:
    if endpoint.name == TOKEN:
        return SignIn(pasted=NPSSO)
    if endpoint.name == f"POST {BASE}/sys/gameBase/parties/bulkGet":
        return ListParties()
    if endpoint.name == f"POST {_PARTY}/members":
        return JoinParty(target=link or exchange.values[0])
    if endpoint.name == f"POST {BASE}/partySessions":
        return CreateParty()
    return LeaveParty() if endpoint.name == f"DELETE {_PARTY}/members/me" else None


def urls(info: SimulatorInfo) -> dict[str, str]:
    """Return the variables with the addresses of the servers."""
    hosts = ("account", "mobile", "web", "dms", "profile", "party_link", "push", "push_socket")
    return {f"PARTYLINE_PSN__{host.upper()}_URL": str(getattr(info, f"{host}_url")) for host in hosts}


def environment(home: Path, info: SimulatorInfo) -> dict[str, str]:
    """Return the variables that connect the workers to the replay only."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PARTYLINE_", "SUPERVISOR_"))}
    return {
        **clean,
        **urls(info),
        "PARTYLINE_HOME": str(home),
        "PARTYLINE_PSN__REALM": "playstation",
        "PARTYLINE_AUTH__STORE": "file",
        "PARTYLINE_ICE__STUN_SERVERS": "[]",
        "PARTYLINE_ICE__LOOPBACK": "true",
        "PARTYLINE_MEDIA__TRY_FORMS": "false",  # a replay has no media, which is no reason to try other forms
    }


async def act(server: ReplayServer, what: list[ReplayStep], info: SimulatorInfo) -> list[str]:
    """Make the workers do the steps. Return their refusals, in their words."""
    home = Path(tempfile.mkdtemp(prefix="pl-", dir="/tmp"))  # 0700, and short enough for sockets
    failed: list[str] = []
    try:
        paths = Paths(home)
        paths.make()
        async with running_workers(environment(home, info), paths) as bus:
            for step in what:
                try:
                    await bus.request(step.request, _STEP_S)
                except PartylineError as error:
                    failed.append(f"{type(step.request).__name__}: {error.message}")
                await _wait_until_quiet(server, step.until)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return failed


async def _wait_until_quiet(server: ReplayServer, until: float) -> None:
    """Wait until a step is over. The app's next one began at `until` (Unix time)."""
    limit = time.monotonic() + LONGEST_S
    while (now := time.monotonic()) < limit:
        if now >= step_ends_at(server.last_at, server.due_at, lacking=bool(server.replay.lacks(until))):
            return
        await asyncio.sleep(_LOOK_S)


def step_ends_at(last_at: float, due_at: float, *, lacking: bool) -> float:
    """Return when a step is over, if nothing comes until then.

    `last_at` is the time of the last request or push message, `due_at` of the next push message (0 if unknown).
    """
    return max(last_at + (LACKING_S if lacking else QUIET_S), due_at + QUIET_S if due_at else 0.0)


@contextlib.asynccontextmanager
async def running_workers(env: dict[str, str], paths: Paths) -> AsyncIterator[Bus]:
    """Run workers with the variables `env` until the block ends, and yield their bus."""
    started: list[asyncio.subprocess.Process] = []
    bus = Bus("compare", paths.run)
    try:
        for name in WORKERS:
            started += [await _started(name, env)]
        await bus.start()
        yield bus
    finally:
        await bus.close()
        for process in reversed(started):
            await _end(process)


async def _started(name: str, env: dict[str, str]) -> asyncio.subprocess.Process:
    nowhere = asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", f"workers.{name}", env=env, stdin=nowhere, stdout=nowhere, stderr=nowhere
    )


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
