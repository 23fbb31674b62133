"""What the agenda decides: the next thing to do about the party's bridges."""

from __future__ import annotations

from dataclasses import dataclass

from common.messages import PeerSignal
from workers.signaling.transports.bridge.attachment import Attachment


@dataclass(frozen=True)
class ForwardSignal:
    """Forward media's answer, or request a new offer."""

    signal: PeerSignal


@dataclass(frozen=True)
class ViewParty:
    """Read the party's bridges."""


@dataclass(frozen=True)
class ForgetOwn:
    """Record that our own bridge of an earlier run has ended."""


@dataclass(frozen=True)
class CreateBridge:
    """Create a bridge, link it to the party, attach to it."""

    session_id: str
    for_members: list[str]


@dataclass(frozen=True)
class AddPeer:
    """Attach to a bridge, by adding our peer."""

    attachment: Attachment


@dataclass(frozen=True)
class ReadPeers:
    """Read the bridge's other peers, and act on them. `keep_alone` keeps a bridge without other peers."""

    attachment: Attachment
    keep_alone: bool


@dataclass(frozen=True)
class LeaveBridge:
    """Leave a bridge while we stay in the party. `useless`: it brought nothing, and is not joined again."""

    attachment: Attachment
    why: str
    useless: bool = False


Action = ForwardSignal | ViewParty | ForgetOwn | CreateBridge | AddPeer | ReadPeers | LeaveBridge
