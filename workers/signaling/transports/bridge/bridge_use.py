"""The bridge that we are attached to, and the ones that brought nothing. No I/O, no clock."""

from __future__ import annotations

from common.psn.party.bridges import BridgeRef
from workers.signaling.transports.bridge.attachment import Attachment


class BridgeUse:
    """The use of the party's bridges. Times are in monotonic seconds."""

    def __init__(self) -> None:
        self.attached: Attachment | None = None
        self.useless: set[str] = set()
        """Ids of bridges that brought nothing."""
        self.down_since = 0.0
        """Since when media has had no connection with the bridge, 0 if it has one or there is no bridge."""

    @property
    def words(self) -> str:
        """The use, for `partyline status`. Empty if we are on no bridge."""
        if self.attached is None:
            return ""
        use = "in use" if self.attached.useful_since else "being tried"
        return f"{'created by us' if self.attached.own else 'of the party'}, {use}"

    def attach(self, attachment: Attachment) -> None:
        self.attached = attachment

    def on_added(self, now: float) -> None:
        """Record that our peer was added. Media has no connection yet."""
        self.down_since = now

    def on_connection(self, connection: str, heard_s: float, now: float) -> None:
        """Record the state of media's connection with the bridge ("" if it is gone), and how much was heard on it."""
        attached = self.attached
        self.down_since = 0.0 if connection == "connected" else self.down_since or now
        if attached is not None and attached.peer_id and heard_s > 0.0:
            attached.on_heard(now)

    def on_linked(self, ref: BridgeRef) -> None:
        """Keep the etag of our present bridge, for the unlinking."""
        attached = self.attached
        if attached is not None and attached.ref.bridge_id == ref.bridge_id and ref.etag:
            attached.on_etag(ref.etag)

    def detach(self, attachment: Attachment) -> None:
        """Record that we are not attached to that bridge any more."""
        if self.attached is attachment:
            self.attached, self.down_since = None, 0.0

    def reset(self) -> Attachment | None:
        """Forget everything, since the party is left. Return what we were attached to."""
        attached, self.attached = self.attached, None
        self.down_since = 0.0
        self.useless.clear()
        return attached
