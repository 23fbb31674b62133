"""`partyline join --wait`, which joins the party of the next invitation."""

from __future__ import annotations

import asyncio
import sys

from cli.shared.connect import ask, connect
from cli.shared.failures import CommandError
from cli.shared.terminal import echo, printable
from common.basic.text import same_name
from common.bus import Bus
from common.errors import PartyError, PartylineError
from common.messages import Invitation, Invitations, PartyState
from common.requests import JoinParty, ListParties

JOIN_S = 60.0
LIST_S = 60.0
POLL_S = 120.0
"""How often PlayStation is polled as well. Events during an outage of the push channel are not pushed again."""


async def wait_and_join(limit_s: float | None, wanted: str = "") -> tuple[PartyState, bool]:
    """Return the party of the invitation, and False for "not in it before". Raises `CommandError` at the limit.

    `wanted` is the only accepted inviter, by online id or account id, or "" for everybody.
    """
    by = f" from {printable(wanted)}" if wanted else ""
    try:
        async with connect() as (bus, _), asyncio.timeout(limit_s):
            echo(f"Waiting for an invitation{by} … Stop with Ctrl-C.", sys.stderr)
            return await _first(bus, wanted), False
    except TimeoutError:
        raise CommandError(
            f"No invitation{by} came within {limit_s:g} s.",
            "Ask for the invitation again, or join with a link: `partyline join LINK`.",
        ) from None


async def _first(bus: Bus, wanted: str) -> PartyState:
    """Join by the first valid invitation from `wanted`."""
    queue: asyncio.Queue[Invitation | PartylineError] = asyncio.Queue()
    jobs = [asyncio.create_task(_subscribe(bus, queue)), asyncio.create_task(_poll(bus, queue))]
    tried: set[tuple[str, float]] = set()
    try:
        while True:
            found = await queue.get()
            if isinstance(found, PartylineError):
                raise found
            if (found.session_id, found.at) in tried:
                continue
            tried.add((found.session_id, found.at))
            by = printable(found.from_online_id or found.from_account_id) or "somebody"
            if wanted and not is_from(found, wanted):
                echo(f"Ignored an invitation by {by}. Still waiting …", sys.stderr)
                continue
            echo(f"Invited by {by}. Joining …", sys.stderr)
            try:
                state: PartyState = await ask(bus, JoinParty(target=found.session_id), JOIN_S)
            except PartyError as error:
                echo(f"{printable(error.message)} Still waiting …", sys.stderr)
            else:
                return state
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)


def is_from(invitation: Invitation, wanted: str) -> bool:
    """Return whether the invitation is from `wanted`, an online id or an account id."""
    names = (invitation.from_online_id, invitation.from_account_id)
    return any(name and same_name(name, wanted) for name in names)


async def _subscribe(bus: Bus, queue: asyncio.Queue[Invitation | PartylineError]) -> None:
    async for received in bus.subscribe(Invitations):
        if isinstance(received.message, Invitations):
            for invitation in received.message.invitations:
                queue.put_nowait(invitation)


async def _poll(bus: Bus, queue: asyncio.Queue[Invitation | PartylineError]) -> None:
    """Have session poll PlayStation. Invitations come as messages."""
    while True:
        try:
            await ask(bus, ListParties(), LIST_S)
        except PartylineError as error:
            queue.put_nowait(error)
            return
        await asyncio.sleep(POLL_S)
