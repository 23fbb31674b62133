"""Command ``python -m workers.session leave``, which leaves the party of a killed session worker.

It is for a stopped pipeline. It needs an auth worker that issues a token, and no broker. It prints one line of JSON:
``{"left": bool, "name": the party's}``. The next session worker retries an unconfirmed leave.
"""

from __future__ import annotations

import asyncio
import sys

import msgspec

from common.basic.loop import run
from common.bus import Bus
from common.config.settings import load
from common.config.tables import Settings
from common.files.paths import Paths
from common.log import logs
from common.psn.account.tokens import BusTokens
from common.psn.http.client import PsnClient
from common.psn.http.endpoints import EndpointSource, place_of
from common.requests import AccessToken, Token
from common.run.process import only_one
from workers.session.calls.party_calls import PartyCalls
from workers.session.leave.pending_leaves import PendingLeaves
from workers.session.memory import PartyMemory, PartyMemoryFile

TOKEN_WAIT_S = 12.0
"""How long it waits for auth, which was started with it."""
LIMIT_S = 20.0
"""How long it tries at most, since `partyline down` waits for it."""
NAME = "session-once"


def main() -> int:
    paths = Paths.of_environment()
    logs.setup("session", "warning")
    settings = load(paths)
    with only_one(paths.run, "session") as alone:
        left, name = run(_leave(paths, settings)) if alone else (False, "")
    sys.stdout.buffer.write(msgspec.json.encode({"left": left, "name": name}) + b"\n")
    return 0


async def _leave(paths: Paths, settings: Settings) -> tuple[bool, str]:
    memory = PartyMemoryFile(paths.state / "session.json", place_of(settings.psn))
    was = memory.now
    if was.phase == "none":
        return True, was.name
    bus = Bus(NAME, paths.run)

    async def token(request: AccessToken) -> Token:
        return await bus.request(request, TOKEN_WAIT_S)

    tokens = BusTokens(token)
    http = PsnClient(settings.psn, EndpointSource(settings, paths), tokens)
    calls = PartyCalls(http, settings.psn)
    leaves = PendingLeaves(memory.beside("leaves.json"), memory.place, calls, tokens)
    leaves.add(was.session_id, was.account_id, was.platform)  # kept until the server confirms it
    memory.keep(PartyMemory(left_under=was.left_under))
    try:
        async with asyncio.timeout(LIMIT_S):
            one = next(one for one in leaves.now if one.session_id == was.session_id)
            left = await leaves.repeat(one)
    except TimeoutError:
        left = False
    finally:
        await http.close()
        await bus.close()
    if left:
        leaves.drop(was.session_id)
    return left, was.name
