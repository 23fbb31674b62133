"""Transports for offers and answers. Media sees only `PeerSignal`s."""

# ruff: noqa: ARG002  # optional methods do nothing

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import ClassVar, Literal, Protocol

from common.errors import BusUnreachableError, PartylineError
from common.messages import PartyState, PeerSignal, PeerState, PushEvent, SignalRefused
from common.psn.errors import NoSimulatorError, RateLimitedError, ServerFaultError, UnreachableError

Name = Literal["miranda", "bridge", "socketio"]
"""Each transport, by its name in `[signaling] transports`."""
AUTO: tuple[Name, ...] = ("miranda", "bridge")
TRANSIENT = (ServerFaultError, UnreachableError, RateLimitedError, NoSimulatorError, BusUnreachableError)
"""Errors of a call that may succeed later."""

Reason = Literal["bad-frame", "sender-mismatch"]
"""What makes a received message a problem. Everything else that is discarded is only counted."""


class TransportEvents(Protocol):
    """What a transport reports to the worker."""

    def on_signal(self, signal: PeerSignal) -> None:
        """Handle an incoming offer or answer."""
        ...

    def on_sent(self, peer: str) -> None:
        """Handle that a signal to this peer key was accepted."""
        ...

    def on_refused(self, transport: Name, notice: SignalRefused, error: PartylineError) -> None:
        """Handle that a signal was not accepted."""
        ...

    def on_ended(self, notice: SignalRefused) -> None:
        """Handle that the peer of `notice` does not exist any more."""
        ...

    def on_unusable(self, code: str, error: PartylineError) -> None:
        """Handle that the transport cannot be used. `code` is its `Transport.problem`."""
        ...

    def on_usable(self, code: str) -> None:
        """Handle that the problem is over, or was none."""
        ...

    def on_discarded(self, reason: Reason, message: str) -> None:
        """Handle that a received message was discarded."""
        ...


class Transport(Protocol):
    """Interface of each transport to the worker. It reports by `TransportEvents`.

    A transport subclasses it, and overrides the optional methods that it needs. The others do nothing.
    """

    name: ClassVar[Name]
    problem: ClassVar[str] = ""
    """Code of the problem while it cannot be used. Empty if it has none of its own."""

    @abstractmethod
    def on_party(self, state: PartyState) -> None:
        """Set the present state of the party."""
        ...

    @abstractmethod
    def reaches(self, peer: str) -> bool:
        """Return whether an offer to this peer key could be sent now."""
        ...

    @abstractmethod
    def send(self, signal: PeerSignal) -> None:
        """Send an outgoing signal, without waiting for it."""
        ...

    @abstractmethod
    async def leave(self, session_id: str) -> None:
        """Send nothing more in that party. Return when nothing is in flight."""
        ...

    # --- optional ----------------------------------------------------------------------------------

    async def run(self) -> None:
        """Do what the transport does by itself. It runs until the worker stops."""
        return

    async def close(self) -> None:
        """Close what is open. Called at the worker's stop, while `run` still runs."""
        return

    def facts(self) -> dict[str, str]:
        """Return what it counts, for the heartbeat."""
        return {}

    def on_event(self, event: PushEvent) -> None:
        """Handle a push event."""
        return

    def on_push_usable(self, *, usable: bool) -> None:
        """Handle whether answers by push events would reach us."""
        return

    def on_wake(self, *, slept: bool) -> None:
        """Handle that this machine slept, or that only this process was stopped."""
        return

    def on_peer_state(self, peer: str, state: PeerState | None) -> None:
        """Handle media's report on the connection with a peer, None if it is gone."""
        return

    def on_failed_offers(self, peer: str, failures: int) -> None:
        """Handle how many consecutive offers to a member failed before the present one."""
        return


def order_of(names: Iterable[Literal["auto"] | Name]) -> list[Name]:
    """Return the transports of the settings without duplicates, the preferred one first."""
    found: dict[Name, None] = {}
    for name in names:
        found |= dict.fromkeys(AUTO if name == "auto" else (name,))
    return list(found)
