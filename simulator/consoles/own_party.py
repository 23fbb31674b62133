"""The party that a console is in: join, leave, and the customData3 that names the other members."""

from __future__ import annotations

import uuid

from simulator.facts import rests_on
from simulator.facts.consoles import TELLS_OTHERS
from simulator.parties import custom_data3
from simulator.parties.bodies import ChangeMember
from simulator.parties.party import Device, SimulatedMember, SimulatedParty
from simulator.world import World, member_body

NAME_AFTER_JOIN_S = 0.4
NAME_AFTER_OTHERS_S = 0.6
"""Delay from somebody's join or leave to our own customData3 [seen]."""


class OwnParty:
    """A console's membership."""

    def __init__(self, world: World, device: Device) -> None:
        self._world = world
        self._device = device
        self.session_id = ""
        self.name_at: float | None = None
        """When our customData3 is due, in monotonic seconds."""

    def join(self, session_id: str) -> None:
        """Join an existing party. Raises `Refused`."""
        party = self._world.parties.find(session_id)
        body = member_body(str(uuid.uuid4()), self._world.ways)
        self._world.join(self._device, session_id, body, cpss_id=party.cpss_id)

    def enter(self, session_id: str, now: float) -> tuple[SimulatedParty, SimulatedMember]:
        """Begin as a member. Return the party and our own entry."""
        self.session_id, self.name_at = session_id, now + NAME_AFTER_JOIN_S
        return self._world.parties.member(session_id, self._device)

    def clear(self) -> str:
        """Be in no party any more. Return the session id of the former one."""
        former, self.session_id, self.name_at = self.session_id, "", None
        return former

    def schedule_naming(self, now: float) -> None:
        """Send customData3 soon, because somebody joined or left."""
        self.name_at = now + NAME_AFTER_OTHERS_S

    @rests_on(TELLS_OTHERS)
    def name_others(self) -> None:
        """Send customData3. A member that is alone in a party sends none. Raises `Refused`."""
        self.name_at = None
        party, _ = self._world.parties.member(self.session_id, self._device)
        others = [one.device.account_id for one in party.members.values() if one.device.peer != self._device.peer]
        if others:
            change = ChangeMember(customData3=custom_data3.naming(self.session_id, others))
            self._world.change_member(self._device, self.session_id, change)
