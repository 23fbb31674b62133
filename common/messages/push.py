"""Messages about the push channel and its events."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from common.messages.base import Message


class PushState(Message, frozen=True, kw_only=True):
    """signaling → session, media, dashboard, cli, when the push channel opens, drops or reopens."""

    TOPIC: ClassVar[str] = "push.state"
    RETAINED: ClassVar[bool] = True
    connected: bool
    protocol: str = ""
    """``3.0`` or ``2.1``."""
    host: str = ""
    epoch: str = ""
    """Id of the connection. Events between two epochs may be missing."""
    since: float = 0.0
    """Unix seconds at which it was opened, or, while it is not connected, lost (0 if it never was open)."""
    detail: str = ""
    """Why it is not connected, as a sentence."""
    keep_alive_type: int = 0
    """The current keepAliveStatusType: 6 idle, 3 voice chat, 0 while it is not connected."""
    next_try_at: float = 0.0
    """Unix seconds while it is not connected. 0 means at once or unknown."""
    answered: bool | None = None
    """Whether the server answered the first frame of this connection (1003). None without that frame (protocol 2.1)."""
    counts_as_gone: bool = False
    """It was away for longer than the server's presence timeout, so the party may have dropped us."""


class PushEvent(Message, frozen=True, kw_only=True):
    """signaling → session, cli, for every push frame that carries an event (method 3001)."""

    TOPIC: ClassVar[str] = "push.event"
    epoch: str
    """`PushState.epoch` of its connection."""
    number: int
    """Number of the event in its epoch, from 1. A gap means that the *bus* lost an event."""
    data_type: str
    session_id: str = ""
    from_account_id: str = ""
    from_platform: str = ""
    contexts: tuple[tuple[str, int], ...] = ()
    """(contextId, sequenceNumber) pairs, empty on noSeq messages."""
    data: dict[str, Any] = msgspec.field(default_factory=dict)
    """`body.data` as received."""

    def key(self) -> str:
        return self.data_type
