"""The simulator's scenarios end, and what it sends is what we believe of the real one."""

from __future__ import annotations

import pytest

from captures import believed
from captures.schema import merged
from simulator.bodies import ChangeMember, ChangeParty, NewMember, NewParty, PushContext
from simulator.parties import Parties
from simulator.party import Device
from simulator.scenarios import SCENARIOS
from simulator.world import World


def standing(world: World) -> list[object]:
    return [world.faults.standing, world.moods, world.accounts.access_life_s]


@pytest.mark.parametrize("name", SCENARIOS)
def test_calm_ends_every_scenario(name: str) -> None:
    world = World()
    SCENARIOS[name].set_off(world)
    SCENARIOS["calm"].set_off(world)
    assert standing(world) == standing(World())


def everything_sent() -> list[object]:
    """Return a push frame of each kind that parties send."""
    ava, bo, cy = (Device(str(n), name, "PS5") for n, name in ((1, "Ava"), (2, "Bo"), (3, "Cy")))
    parties = Parties()
    member = NewMember(accountId="me", platform="me", pushContexts=[PushContext(contextId="c")])
    party, told = parties.create(ava, NewParty(members=[member], joinableUserType="FRIENDS"), member, 1.0)
    for guest in (bo, cy):
        told += parties.join(party.session_id, guest, member, 2.0)[1]
    change = ChangeMember(customData3="a", customData4="b", voiceChatActivated=True)
    told += parties.change_member(party.session_id, bo, change)
    every = ChangeParty(sessionName="x", visibilityType="FRIENDS_ONLY", joinableUserType="INVITE_ONLY", maxMembers=8)
    told += parties.change_party(party.session_id, ava, every)
    told += parties.invite(party.session_id, ava, [("4", "Di")])
    told += parties.kick(party.session_id, ava, cy.account_id)
    told += parties.leave(party.session_id, ava)
    told += parties.end(party.session_id, "SESSION_CLOSED")
    return [delivery.frame for delivery in told]


def test_what_the_simulator_sends_is_believed() -> None:
    """Else a capture of the real thing has it reported as new (captures/news.py)."""
    frames = everything_sent()
    assert len({frame["dataType"] for frame in frames}) > 8
    assert sorted(set(merged(frames)) - believed.PUSH_FIELDS) == []
