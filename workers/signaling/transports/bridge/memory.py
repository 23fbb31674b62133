"""State file of the transport: our own bridge, and when the next one may be created. No secrets."""

from __future__ import annotations

from pathlib import Path

import msgspec

from common.basic.clock import Moment
from common.files.state import Placed, StateFile

CREATE_WAIT_S = (0.0, 60.0, 300.0, 900.0, 3600.0)
"""Wait before our first bridge, then after the latest one before each next one."""
USEFUL_S = 600.0
"""A bridge that brought voices for this long resets the waits."""


class OwnBridge(Placed, frozen=True, kw_only=True):
    """What must be known of our own bridges after a restart. Never a token."""

    session_id: str = ""
    bridge_id: str = ""
    """The existing one. Empty if there is none."""
    count: int = 0
    """Consecutive bridges without one that was useful for long."""
    made_at: Moment = Moment()
    wait_s: float = 0.0
    """How long after `made_at` no bridge is created."""

    def may_create(self, now: Moment) -> bool:
        """Return whether a bridge may be created. Within one boot, changes of the wall clock have no effect."""
        return self.made_at.ago_s(now) >= self.wait_s

    def created(self, session_id: str, bridge_id: str, now: Moment) -> OwnBridge:
        """Return a copy with one more. `bridge_id` is empty for a try that failed before there was one."""
        count = self.count + 1
        wait_s = CREATE_WAIT_S[min(count, len(CREATE_WAIT_S) - 1)]
        return msgspec.structs.replace(
            self, session_id=session_id, bridge_id=bridge_id, count=count, made_at=now, wait_s=wait_s
        )

    def ended(self, useful_s: float) -> OwnBridge:
        """Return a copy without the existing one, which brought voices for `useful_s`."""
        count = 1 if useful_s >= USEFUL_S else self.count
        return msgspec.structs.replace(self, session_id="", bridge_id="", count=count)


class OwnBridgeFile(StateFile[OwnBridge]):
    """Keeps the `OwnBridge` of one place."""

    def __init__(self, path: Path, place: str) -> None:
        super().__init__(path, OwnBridge, place, "our own bridges")
