"""The requests that media answers."""

from __future__ import annotations

import time

from common.bus import Bus
from common.requests import Done, HoldOffers
from workers.media.talkers.roster import Roster


class Requests:
    def __init__(self, bus: Bus, roster: Roster) -> None:
        self._bus, self._roster = bus, roster

    def serve(self) -> None:
        self._bus.serve(HoldOffers, self._serve_hold_offers)

    async def _serve_hold_offers(self, request: HoldOffers) -> Done:
        self._roster.hold_offers(time.monotonic() + request.for_s, meets=request.meet)
        return Done()
