"""The request to follow a player."""

from __future__ import annotations

from collections.abc import Callable

from common.bus import Bus
from common.requests import Done, FollowPlayer
from workers.session.automatic.joins import AutomaticJoins
from workers.session.calls.lookup_calls import LookupCalls


class FollowRequests:
    """Serves the request. `request_resync` gets a reason."""

    def __init__(self, lookups: LookupCalls, automatic: AutomaticJoins, request_resync: Callable[[str], None]) -> None:
        self._lookups = lookups
        self._automatic = automatic
        self._request_resync = request_resync

    def serve(self, bus: Bus) -> None:
        bus.serve(FollowPlayer, self._serve_follow)

    async def _serve_follow(self, request: FollowPlayer) -> Done:
        name = request.online_id.strip()
        if not name:
            stopped = self._automatic.stop_following()
            self._request_resync("a join may have been cancelled")
            return Done(message=stopped or "Nobody was followed.")
        account_id, online_id = await self._lookups.account(name)
        self._automatic.follow(account_id, online_id)
        return Done(message=f"Following {online_id}. From now on, partyline joins whatever party they are in.")
