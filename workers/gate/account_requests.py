"""Sign-in and sign-out that a paired machine asks for. What it pasted goes to auth and nowhere else."""

from __future__ import annotations

import asyncio
import os

import structlog

from common.bus import Bus
from common.bus.peers.keyring import PairedMachine
from common.config import realm
from common.errors import PartylineError
from common.files.paths import Paths
from common.log import logs
from common.messages import AuthState, Message, PartyState, wire
from common.requests import Done, LeaveParty, SignIn, SignOut
from common.run.supervisor import Supervisor

SIGN_IN_S = LEAVE_S = 60.0
"""As for a sign-in on this machine: several calls that the call rate may delay."""


class AccountRequests:
    """Does what `partyline login` and `logout` do besides the request: it chooses the realm and restarts workers."""

    def __init__(self, bus: Bus, paths: Paths) -> None:
        self._bus = bus
        self._paths = paths
        self._one = asyncio.Lock()
        self._log = structlog.get_logger("gate")

    async def answer(self, peer: PairedMachine, request: str, body: bytes) -> list[bytes] | None:
        """Return the frames of the answer, None for a request that is not about the account."""
        if request == SignIn.__name__:
            asked = wire.unpack_request(body, SignIn)
            async with self._one:
                return [b"ok", wire.pack(await self._sign_in(peer, asked.pasted))]
        if request == SignOut.__name__:
            wire.unpack_request(body, SignOut)
            async with self._one:
                return [b"ok", wire.pack(await self._sign_out(peer))]
        return None

    async def _sign_in(self, peer: PairedMachine, pasted: str) -> AuthState:
        """Sign in first and then switch the pipeline, so that a refused paste changes nothing."""
        logs.remember(pasted.strip())
        realm.check("playstation")
        wanted = SignIn(pasted=pasted, realm="playstation", origin=peer.name)
        try:
            state = await self._bus.request(wanted, SIGN_IN_S)
        except PartylineError as error:
            self._log.warning("sign-in refused", origin=peer.name, code=error.code)
            raise
        self._log.warning("signed in from another machine", origin=peer.name)
        present = await self._last(AuthState)
        if not isinstance(present, AuthState) or present.realm != "playstation":
            try:
                await self._switch()
            except PartylineError as error:
                raise PartylineError(
                    f"You are signed in, but the pipeline was not switched to PlayStation Network. {error.message}",
                    error.remedy,
                    code=error.code,
                ) from error
        return state

    async def _switch(self) -> None:
        supervisor = _supervisor()  # raises before anything changes
        party = await self._last(PartyState)
        if isinstance(party, PartyState) and party.phase != "none":
            await self._bus.request(LeaveParty(), LEAVE_S)
        await asyncio.to_thread(realm.choose, self._paths, "playstation")
        await asyncio.to_thread(supervisor.restart, realm.READERS)

    async def _sign_out(self, peer: PairedMachine) -> Done:
        present = await self._last(AuthState)
        real = isinstance(present, AuthState) and present.realm == "playstation"
        if real:
            await self._leave()
        try:
            done = await self._bus.request(SignOut(), SIGN_IN_S)
        finally:
            if real and os.environ.get("SUPERVISOR_SERVER_URL"):  # they hold a token that is good for up to an hour
                await asyncio.to_thread(_supervisor().restart, realm.TOKEN_HOLDERS)
        self._log.warning("signed out from another machine", origin=peer.name)
        return done

    async def _leave(self) -> None:
        """Leave the party. A leave that fails does not stop the sign-out."""
        party = await self._last(PartyState)
        if not isinstance(party, PartyState) or party.phase == "none":
            return
        try:
            await self._bus.request(LeaveParty(), LEAVE_S)
        except PartylineError as error:
            self._log.warning("the party was not left before the sign-out", error=error.message)

    async def _last(self, cls: type[Message]) -> Message | None:
        """Return the retained message of that class."""
        found = await self._bus.snapshot(cls)
        return found[-1].message if found else None


def _supervisor() -> Supervisor:
    url = os.environ.get("SUPERVISOR_SERVER_URL", "")
    if not url:
        raise PartylineError(
            "The workers run without supervisord, so they cannot be restarted from another machine.",
            "Start the pipeline there with `partyline up`.",
            code="peers.no-supervisor",
        )
    return Supervisor(url)
