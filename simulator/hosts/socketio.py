"""A self-hosted signaling relay with Socket.IO and the vocabulary of 2020.

Its events and payloads are described in `workers.signaling.transports.relay_messages`. It is as strict about them as
the real servers are about customMessages. Consoles answer through the relay what they receive through it.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import socketio
from aiohttp import web

from common.psn.miranda import frames
from common.psn.miranda.frames import BadMiranda, MirandaMessage
from common.psn.miranda.platforms import code_of
from simulator.consoles.console import Console
from simulator.consoles.inbox import RelayedMessage
from simulator.parties.party import Device, SimulatedMember, SimulatedParty
from simulator.shared.refusals import Refused
from simulator.world import World

PLACE = "socketio"
_EVENTS = ("offer", "answer", "sdp_updated")


class SocketRelay:
    """The relay server. Its clients are sid → (session id, peer key)."""

    def __init__(self, world: World, consoles: dict[str, Console]) -> None:
        self._world = world
        self._consoles = consoles
        self._clients: dict[str, tuple[str, str]] = {}
        self._jobs: set[asyncio.Task[None]] = set()
        self._server = socketio.AsyncServer(async_mode="aiohttp", monitor_clients=False)
        self._server.on("connect", self._connect)
        self._server.on("disconnect", self._disconnect)
        for event in _EVENTS:
            self._server.on(event, self._taking(event))

    def attach(self, app: web.Application) -> None:
        self._server.attach(app)

    async def close(self) -> None:
        for sid in list(self._clients):
            await self._server.disconnect(sid)
        await asyncio.gather(*self._jobs, return_exceptions=True)
        await self._server.shutdown()

    async def drop(self) -> int:
        """Close every connection and return their number."""
        sids = list(self._clients)
        for sid in sids:
            await self._server.disconnect(sid)
        return len(sids)

    # --- coming and going --------------------------------------------------------------------------

    async def _connect(self, sid: str, _: Any, auth: Any = None) -> None:
        try:
            party, member = self._admitted(auth)
        except Refused as refused:
            self._world.violated(PLACE, refused.status, refused.reason)
            raise socketio.exceptions.ConnectionRefusedError(refused.reason) from refused
        self._clients[sid] = (party.session_id, member.device.peer)
        await self._server.enter_room(sid, party.session_id)
        self._later(self._table(party.session_id))

    async def _disconnect(self, sid: str, *_: Any) -> None:
        session_id, _peer = self._clients.pop(sid, ("", ""))
        if session_id:
            await self._table(session_id)

    def _admitted(self, auth: Any) -> tuple[SimulatedParty, SimulatedMember]:
        try:
            session_id, end = auth["session_id"], auth["from"]
            party = self._world.parties.find(session_id)
            found = _member(party, end["account_id"], end["platform"])
        except (KeyError, TypeError) as error:
            raise Refused(400, f"auth is no object with session_id and from: {error!r}") from error
        if found is None:
            raise Refused(403, "that is no member of the party")
        return party, found

    async def _table(self, session_id: str) -> None:
        party = self._world.parties.by_id.get(session_id)
        if party is None:
            return
        here = {peer for _, peer in self._clients.values()} | set(self._consoles)
        users = [
            {"account_id": member.device.account_id, "platform": code_of(member.device.platform)}
            for member in party.members.values()
            if member.device.peer in here
        ]
        await self._server.emit("user_table_updated", {"type": "user_table_updated", "users": users}, room=session_id)

    # --- messages ----------------------------------------------------------------------------------

    def _taking(self, event: str) -> Any:
        async def take(sid: str, data: Any = None) -> dict[str, str]:
            try:
                await self._relay(sid, event, data)
            except Refused as refused:
                if refused.violation:
                    self._world.violated(f"{PLACE} {event}", refused.status, refused.reason)
                return {"error": refused.reason}
            return {}

        return take

    async def _relay(self, sid: str, event: str, data: Any) -> None:
        session_id, peer = self._clients[sid]
        party = self._world.parties.find(session_id)
        try:
            message = frames.decode_message(msgspec.json.encode(data))
        except BadMiranda as error:
            raise Refused(400, error.message) from error
        if message.kind != event:
            raise Refused(400, f"type {message.kind[:40]!r} as event {event}")
        sender = next((m for m in party.members.values() if m.device.peer == peer), None)
        to = message.recipient
        recipient = _member(party, to.account_id, to.platform) if to is not None else None
        if sender is None or recipient is None:
            raise Refused(403, "sender or recipient is no member of the party", violation=False)
        self._world.relay.check(frames.frame(message), sender.device, [recipient])
        await self._pass_on(recipient.device, peer, message)

    async def _pass_on(self, to: Device, sender: str, message: MirandaMessage) -> None:
        console = self._consoles.get(to.peer)
        if console is not None:
            console.inbox.put(RelayedMessage(sender, message, self._answer))
            return
        sids = [sid for sid, (_, peer) in self._clients.items() if peer == to.peer]
        if not sids:
            raise Refused(404, "the recipient is not connected to the relay", violation=False)
        await self._server.emit(message.kind, msgspec.json.decode(frames.encode_message(message)), to=sids[-1])

    def _answer(self, sender: Device, message: MirandaMessage) -> None:
        """Deliver a console's message."""
        to = message.recipient
        found = next(
            (member.device for party in self._world.parties.by_id.values() if to is not None
             for member in party.members.values() if sender.key in party.members
             and member is _member(party, to.account_id, to.platform)),
            None,
        )  # fmt: skip
        if found is not None:
            self._later(self._safely(self._pass_on(found, sender.peer, message)))

    async def _safely(self, passing: Any) -> None:
        try:
            await passing
        except Refused:
            return  # the recipient has left meanwhile

    def _later(self, job: Any) -> None:
        task = asyncio.get_running_loop().create_task(job)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)


def _member(party: SimulatedParty, account_id: str, platform: int) -> SimulatedMember | None:
    return next(
        (
            member
            for member in party.members.values()
            if (member.device.account_id, code_of(member.device.platform)) == (account_id, platform)
        ),
        None,
    )
