"""The party that a run created or joined, which the run leaves in any case."""

from __future__ import annotations

import time
from pathlib import Path

from cli.probe.observe.listener import BusListener
from cli.probe.results import run_calls
from common.bus import Bus
from common.errors import PartylineError
from common.psn.http.refusals import NOT_A_MEMBER
from common.requests import LeaveParty

LEAVE_S = 20.0
OUT_S = 10.0


class RunParty:
    """Whether the run is in a party, and whether the leave was confirmed."""

    def __init__(self, bus: Bus, listener: BusListener, trace_file: Path) -> None:
        self._bus = bus
        self._listener = listener
        self._trace_file = trace_file
        self._is_in = False
        self._left: bool | None = None

    @property
    def is_in(self) -> bool:
        return self._is_in

    @property
    def left(self) -> bool | None:
        """Whether the leave was confirmed, or None if there was no party to leave."""
        return self._left

    def enter(self) -> None:
        """Record that a leave is due. Call it before the create or join, which may take effect and still fail."""
        self._is_in = True

    async def leave(self) -> str:
        """Leave the party, if there is one. `left` has the result. Return the error's message, or ""."""
        if not self._is_in:
            return ""
        self._left, asked = False, time.time()
        try:
            done = await self._bus.request(LeaveParty(), LEAVE_S)
            out = await self._listener.until(lambda: self._listener.party.phase == "none", OUT_S)
        except PartylineError as error:
            return error.message
        self._left = bool(out) and self._is_confirmed(done.message, asked)
        self._is_in = not self._left
        return ""

    def _is_confirmed(self, message: str, asked: float) -> bool:
        """Return whether Sony's server accepted the leave by the trace, or there was nothing left to leave."""
        if "no party to leave" in message:
            return True
        made = [one for one in run_calls.since(self._trace_file, asked) if one.method == "DELETE"]
        ours = [one for one in made if one.path.endswith("/members/me")]
        return any(200 <= one.status < 300 or one.status == 404 or one.code == NOT_A_MEMBER for one in ours)
