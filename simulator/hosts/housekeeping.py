"""What happens in the network by itself: presence timeouts, old push connections, the check of customData3."""

from __future__ import annotations

import time

from simulator.facts import push, rests_on
from simulator.push.registry import CLOSE_ODD
from simulator.world import World


class Housekeeping:
    """Call `sweep` regularly."""

    def __init__(self, world: World) -> None:
        self._world = world

    @rests_on(push.PRESENCE, push.ODD_CLOSES)
    def sweep(self) -> None:
        """Close silent push connections, drop members after the presence timeout, check customData3."""
        now = time.monotonic()
        self._end_old_connections(now)
        for connection, why in self._world.push.overdue(now):
            if why:
                self._world.violated("push", 401, f"{connection.key[0]}: {why}")
                connection.close(CLOSE_ODD)
            self._world.push.closed(connection, now)
        if self._world.ways.of(push.PRESENCE) == "keeps":
            return
        for party in list(self._world.parties.by_id.values()):
            for member in list(party.members.values()):
                if self._world.push.absent(member.device.key, now):
                    self._world.leave(member.device, party.session_id)
        stand_ins = {connection.key for connection in self._world.push.connections() if connection.stand_in}
        late, broken = self._world.naming_check.due(list(self._world.parties.by_id.values()), stand_ins, now)
        for party, member in late:
            self._world.name_others(party, member)
        for why in broken:
            self._world.violated("customData3", 0, why)

    def _end_old_connections(self, now: float) -> None:
        lives_s = self._world.push_faults.lives_s
        for connection in self._world.push.connections():
            if lives_s is not None and not connection.permanent and now - connection.opened_at >= lives_s:
                connection.close(CLOSE_ODD)
