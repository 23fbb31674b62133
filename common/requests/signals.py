"""What is sent to the other members: offers, signals, and the state of voice chat."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec

from common.requests.base import Done, Request


class EndSignals(Request[Done], frozen=True, kw_only=True):
    """session → signaling, before the leave call: send nothing more in that party, and withdraw from its bridge.

    Answered when no message is in flight, or after 3 s. The leave goes on in any case.
    """

    WORKER: ClassVar[str] = "signaling"
    REPLY: ClassVar[type[Any]] = Done
    session_id: str


class HoldOffers(Request[Done], frozen=True, kw_only=True):
    """cli → media: do not offer by ourselves for a while, to see what the others do (`partyline probe`).

    Their offers are answered. The hold expires, so the requester renews it as long as needed.
    """

    WORKER: ClassVar[str] = "media"
    REPLY: ClassVar[type[Any]] = Done
    for_s: Annotated[float, msgspec.Meta(ge=0, le=20)]
    """0 … 20 s from now on. 0 ends the hold."""
    meet: bool = False
    """Meet a remote offer with a local one, and answer it a little later, to cause glare."""


class SetVoiceChat(Request[Done], frozen=True, kw_only=True):
    """session, cli → signaling: have the push channel in voice chat before a create or join, and idle after a leave.

    Answered when the push server has accepted it. Refused with `PartyError` if it does not, or if the channel is not
    open.
    """

    WORKER: ClassVar[str] = "signaling"
    REPLY: ClassVar[type[Any]] = Done
    active: bool
