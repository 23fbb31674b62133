"""The push connection that is open now, with the keep-alive type that it should have."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import aiohttp

from common.basic.clock import Moment, boot_s
from common.config.tables import PsnSettings
from common.errors import PartyError
from common.psn.errors import PushFrameError
from common.psn.party.push import PushFrame
from workers.signaling.loss import Loss
from workers.signaling.memory import SignalingMemoryFile
from workers.signaling.push_channel import ChannelEvents
from workers.signaling.push_channel.connector import Server
from workers.signaling.push_channel.keep_alive import KNOWN, KeepAliveTiming
from workers.signaling.push_channel.push_connection import PushConnection
from workers.signaling.push_channel.reconnect_policy import ConnectionEnd, FailureKind, ReconnectPolicy
from workers.signaling.push_channel.state_publisher import StatePublisher
from workers.signaling.push_channel.status_control import ConnectionTerms
from workers.signaling.push_channel.wanted_keep_alive import WantedKeepAlive


@dataclass(frozen=True)
class Opened:
    """A socket that was opened, and with what."""

    socket: aiohttp.ClientWebSocketResponse
    server: Server
    terms: ConnectionTerms


@dataclass
class _Present:
    connection: PushConnection
    opened: Opened
    policy: ReconnectPolicy
    presence_s: float


class OpenChannel:
    """The open connection, if there is one. Implements `ConnectionEvents` for it."""

    def __init__(
        self, psn: PsnSettings, memory: SignalingMemoryFile, states: StatePublisher, events: ChannelEvents
    ) -> None:
        self._psn = psn
        self._memory = memory
        self._states = states
        self._events = events
        self._wanted = WantedKeepAlive()
        self._present: _Present | None = None
        self._closed = asyncio.Event()
        self._closed.set()

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, accepted by the server or not."""
        return self._present is not None

    def status_type(self, protocol: str) -> int:
        """Return the present keepAliveStatusType, for serveraddr [app]."""
        if protocol != "3.0":
            return self._psn.keep_alive_type_2_1
        in_party = self._wanted.is_voice_chat(boot_s())
        return self._psn.keep_alive_type_party if in_party else self._psn.keep_alive_type

    async def run(self, opened: Opened, policy: ReconnectPolicy) -> ConnectionEnd:
        """Use an open socket until it ends."""
        known = KNOWN.get(self.status_type(opened.terms.protocol), KeepAliveTiming())
        timing = known.with_server_values(opened.server.keep_alive, self._psn.keep_alive_s)
        connection = PushConnection(self._psn, opened.socket, opened.terms, timing, self)
        self._present = present = _Present(connection, opened, policy, timing.presence_s)
        self._closed.clear()
        try:
            return await connection.run(lambda: self._wanted.is_voice_chat(boot_s()))
        finally:
            self._present = None
            self._closed.set()
            self._events.on_usable(usable=False)
            if connection.accepted:
                loss = Loss(connection.lost_at or boot_s(), present.presence_s)
                policy.record_loss(loss)
                self._memory.record_loss(loss, Moment.now())

    def close(self, why: str) -> None:
        """Close the connection cleanly."""
        if self._present is not None:
            self._present.connection.end(ConnectionEnd(FailureKind.LOST, f"Closed: {why}."))

    async def wait_closed(self) -> None:
        await self._closed.wait()

    def poll(self) -> None:
        """Check the wanted keep-alive type. Call it once a second."""
        if self._present is not None:
            self._present.connection.check_wanted()

    def on_wake(self) -> None:
        """Check whether the link has survived a sleep of this machine, or a pause of this process."""
        if self._present is not None:
            self._present.connection.on_pause()

    # --- the wanted keep-alive type ---------------------------------------------------------------

    def on_party(self, *, in_party: bool) -> None:
        """Set whether we are in a party. The channel is then in voice chat, after a restart too."""
        self._wanted.on_party(inside=in_party)
        self.poll()

    async def set_voice_chat(self, *, active: bool) -> None:
        """Switch the channel to voice chat (or idle). Raises `PartyError` if the server does not."""
        self._wanted.request(active=active, now=boot_s())
        if not active:
            self.poll()
        elif self._present is None or not self._present.connection.accepted:
            raise no_push()
        else:
            await self._present.connection.use(self._psn.keep_alive_type_party)

    # --- events of the connection -----------------------------------------------------------------

    def on_open(self) -> None:
        present = self._present
        if present is None:
            return
        present.policy.record_open()
        self._events.on_usable(usable=True)
        terms, status = present.opened.terms, present.connection.status
        self._memory.record_open(terms.protocol, terms.token.account_id, present.presence_s, Moment.now())
        self._states.publish_connected(
            present.opened.server.fqdn, terms.protocol, status.kind, answered=status.answered
        )  # fmt: skip

    def on_frame(self, frame: PushFrame) -> None:
        self._events.on_frame(frame)

    def on_bad_frame(self, error: PushFrameError) -> None:
        self._events.on_bad_frame(error)

    def on_keep_alive(self, kind: int, timing: KeepAliveTiming) -> None:
        """Record the keep-alive that the server demands, and that the connection is still open."""
        present = self._present
        if present is None:
            return
        present.presence_s = timing.presence_s
        if present.connection.accepted:
            self._memory.record_alive(timing.presence_s, Moment.now())
            self._states.publish_kind(kind)

    def on_verifying(self, *, verifying: bool) -> None:
        if verifying:
            self._events.on_usable(usable=False)
        elif self._present is not None and self._present.connection.accepted:
            self._events.on_usable(usable=True)


def no_push() -> PartyError:
    """Return the error of a join while the channel is not open."""
    return PartyError(
        "The push channel is not open, and without it nobody in the party could reach us.",
        "See `partyline status` for what it lacks and when it is tried next, then join again.",
        code="session.party-no-push",
    )
