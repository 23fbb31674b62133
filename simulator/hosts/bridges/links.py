"""What both the bridges' host and the control API do: make bridges, and link them to parties."""

from __future__ import annotations

import time

from simulator.consoles.bridge import Bridges, Carries, Grant, MixingBridge
from simulator.facts import rests_on
from simulator.facts.bridge import TOLD
from simulator.parties import events
from simulator.parties.party import SimulatedMember, SimulatedParty
from simulator.world import World


class BridgeLinks:
    """Makes bridges and links them to parties. Members hear of it by push events."""

    def __init__(self, world: World, bridges: Bridges) -> None:
        self._world = world
        self._bridges = bridges

    def make(self, maker: str, grants: Grant, carries: Carries) -> MixingBridge:
        """Return a new bridge and record its token, for which tests search."""
        bridge = self._bridges.make(maker, grants, carries)
        self._world.issued_secrets.record("bridge_token", bridge.token)
        return bridge

    @rests_on(TOLD)
    def link(self, bridge: MixingBridge, party: SimulatedParty, member: SimulatedMember) -> None:
        """Link a bridge to a party in a member's name, and send the event to its members."""
        bridge.session_id, bridge.linked_at = party.session_id, time.monotonic()
        if bridge.entry not in party.bridges:
            party.bridges.append(bridge.entry)
        self._world.tell(party.tell(events.BRIDGES_CREATED, member, bridges=[bridge.entry]))

    @rests_on(TOLD)
    def unlink(self, bridge: MixingBridge, party: SimulatedParty, member: SimulatedMember) -> None:
        """Unlink a bridge in a member's name, and send the event to the party's members."""
        party.bridges.remove(bridge.entry)
        bridge.session_id = ""
        bridge.seats.clear()
        self._world.tell(party.tell(events.BRIDGES_DELETED, member, bridges=[{"bridgeId": bridge.bridge_id}]))
