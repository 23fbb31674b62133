"""Offers and answers between media and the transports, and the problems of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from common.errors import PartylineError
from common.messages import BRIDGE_PEER, PartyState, PeerSignal, PeerState, SignalRefused
from common.run.worker import Worker
from workers.signaling.transports import Name, Reason, Transport, TransportEvents
from workers.signaling.transports.transport_selection import Send, TransportSelection

REFUSED = "signaling.refused"
NOTHING_TO_DO = "Nothing to do: it is left out. If it repeats, `partyline tap push.event peer.signal` shows more."


class SignalRouter:
    """Routes signals by `transports`, in order of preference. Implements `TransportEvents` for them.

    `on_change` is called when counts have changed.
    """

    def __init__(
        self,
        worker: Worker,
        new_transports: Callable[[TransportEvents], Sequence[Transport]],
        on_change: Callable[[], None],
    ) -> None:
        self._worker = worker
        self._on_change = on_change
        self.transports = new_transports(self)
        self._selection = TransportSelection(self.transports)
        self._members: set[str] = set()
        self._refusals: set[str] = set()
        """Members with a message that was not accepted."""

    # --- from the bus ------------------------------------------------------------------------------

    def on_party(self, state: PartyState) -> None:
        self._members = {member.peer for member in state.members}
        self._clear_refusals(self._refusals - self._members)
        self._selection.keep({BRIDGE_PEER, *self._members})
        for transport in self.transports:
            transport.on_party(state)

    def on_peer_state(self, peer: str, state: PeerState | None) -> None:
        for transport in self.transports:
            transport.on_peer_state(peer, state)

    def send(self, signal: PeerSignal) -> None:
        """Send media's signal."""
        peer = signal.peer
        if signal.kind == "offer" and peer != BRIDGE_PEER:
            for transport in self.transports:
                transport.on_failed_offers(peer, signal.attempt - 1)
        selected = self._selection.send(signal)
        if selected is None:
            error = PartylineError(
                "No transport reaches this member at present.", "It is tried again by itself.", code="signaling.no-way"
            )
            self._report_refusal(SignalRefused.of(signal, error.message, final=peer == BRIDGE_PEER), error)
        else:
            _send(selected)

    # --- from the transports -----------------------------------------------------------------------

    def on_signal(self, signal: PeerSignal) -> None:
        self._selection.on_received(signal)
        self._worker.log.info("received", kind=signal.kind, peer=signal.key(), sequence=signal.sequence)
        self._worker.bus.publish(signal)

    def on_sent(self, peer: str) -> None:
        self._clear_refusals({peer})
        self._on_change()

    def on_refused(self, transport: Name, notice: SignalRefused, error: PartylineError) -> None:
        """Send the signal by another transport, or report the refusal."""
        selected = self._selection.on_refused(transport, notice)
        if selected is None:
            self._report_refusal(notice, error)
        else:
            _send(selected)

    def on_ended(self, notice: SignalRefused) -> None:
        self._worker.bus.publish(notice)

    def on_unusable(self, code: str, error: PartylineError) -> None:
        self._worker.publish_problem(
            code, error.message, error.remedy, severity="warning", reference_id=error.reference_id
        )  # fmt: skip

    def on_usable(self, code: str) -> None:
        self._worker.clear_problem(code)

    def on_discarded(self, reason: Reason, message: str) -> None:
        self._worker.publish_problem(
            f"signaling.{reason}", message, NOTHING_TO_DO, severity="warning", new_occurrence=True
        )

    # --- refusals ----------------------------------------------------------------------------------

    def _report_refusal(self, notice: SignalRefused, error: PartylineError) -> None:
        self._worker.bus.publish(notice)
        if notice.key() not in {BRIDGE_PEER, *self._members}:
            return  # the member has just left
        self._refusals.add(notice.key())
        self._worker.publish_problem(
            REFUSED,
            f"The {notice.kind} for {notice.account_id} was not accepted: {error.message}",
            error.remedy,
            new_occurrence=True,
            reference_id=error.reference_id,
        )

    def _clear_refusals(self, peers: set[str]) -> None:
        """Clear the problem when no member with a refused message is left."""
        was_open = bool(self._refusals)
        self._refusals -= peers
        if was_open and not self._refusals:
            self._worker.clear_problem(REFUSED)


def _send(selected: Send) -> None:
    selected.transport.send(selected.signal)
