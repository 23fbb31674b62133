"""What media publishes of a talker. Pure."""

from __future__ import annotations

from typing import TypedDict

from common.messages import Member, PeerState, Speaking
from common.messages.peers import Trouble, Way
from workers.media.guard.diagnosis import Diagnosis
from workers.media.negotiate.negotiation import Negotiation
from workers.media.negotiate.negotiation_status import ConnectionStatus, NegotiationStatus
from workers.media.negotiate.retries import RetryPolicy
from workers.media.receive.path import ReceiveFigures


class ConnectionFields(TypedDict):
    """The `PeerState` fields that do not depend on received packets."""

    account_id: str
    platform: str
    online_id: str
    connection: ConnectionStatus
    detail: str
    attempts: int
    trouble: Trouble
    way: Way


def connection_fields(member: Member, negotiation: Negotiation, why: Diagnosis | None, way: Way) -> ConnectionFields:
    """Return the state of the connection with a member. `why` is why the latest try failed."""
    is_gone = negotiation.status.connection in ("lost", "failed")  # which is known before another way is chosen
    return {
        "account_id": member.account_id,
        "platform": member.platform,
        "online_id": member.online_id,
        "connection": negotiation.status.connection,
        "detail": _detail(negotiation.status, why),
        "attempts": negotiation.retries.failures,
        "trouble": _trouble(negotiation.retries),
        "way": "none" if way == "own" and is_gone else way,
    }


def peer_state(fields: ConnectionFields, codec: str, figures: ReceiveFigures | None) -> PeerState:
    """Return the message. `figures` is None while nothing is received."""
    if figures is None:
        return PeerState(**fields, codec=codec)
    return PeerState(**fields, **figures, codec=codec)


def speaking(member: Member, at: float, *, speaking: bool) -> Speaking:
    """Return the message that a talker begins or ends to speak. `at` is in Unix seconds."""
    return Speaking(
        account_id=member.account_id,
        platform=member.platform,
        online_id=member.online_id,
        speaking=speaking,
        at=at,
    )


def _detail(status: NegotiationStatus, why: Diagnosis | None) -> str:
    """Return the negotiation's state in words, and why the latest try failed."""
    words = status.detail
    if why is None or status.connection == "connected" or why.sentence in words:
        return words
    return f"{words} (last try: {why.sentence})"


def _trouble(retries: RetryPolicy) -> Trouble:
    """Return why the latest try failed, or "" if none did."""
    if retries.silent:
        return "silent"
    return retries.failure.reason if retries.failures and retries.failure is not None else ""
