"""What the moves of a membership (join, leave, resync) share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from common.psn.http.client import TokenSource
from workers.session.actions import Action
from workers.session.calls.party_calls import PartyCalls
from workers.session.leave.pending_leaves import PendingLeaves
from workers.session.member.membership import Membership
from workers.session.member.own_entry.publisher import OwnEntryPublisher


class SignalingSteps(Protocol):
    """What signaling does before a join and before a leave."""

    async def start_voice_chat(self) -> None:
        """Wait until the push channel is open and in voice chat. Raises `PartyError`."""

    async def end_signals(self, session_id: str) -> None:
        """Stop what is sent to that party. Takes a second or two at most, and never raises."""


@dataclass(frozen=True)
class MoveParts:
    """The parts that every move uses."""

    calls: PartyCalls
    tokens: TokenSource
    membership: Membership
    leaves: PendingLeaves
    own_entry: OwnEntryPublisher
    signaling: SignalingSteps
    perform: Callable[[Iterable[Action]], None]
    """Carries out what the membership asks for."""
