"""The simulator's scenarios end, and what it sends is what we believe of the real one."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest

from captures.tell import expectations
from captures.tell.schema import merged
from simulator.facts.ways import Ways
from simulator.parties import events
from simulator.parties.bodies import ChangeMember, ChangeParty, NewMember, NewParty, PushContext
from simulator.parties.changes import Changes
from simulator.parties.departures import Departures
from simulator.parties.party import Device
from simulator.parties.register import PartyRegister
from simulator.scenarios import SCENARIOS
from simulator.world import World

ELSEWHERE = {
    *(events.CUSTOM_MESSAGE, events.BRIDGES_CREATED, events.BRIDGES_DELETED),
    *(events.MEMBERS_UPDATED, events.PARTY_DELETED_INSIDE),
}
"""Sent by the world, by bridges, or only in one of the ways in which an undecided fact falls."""


def standing(world: World) -> list[object]:
    return [world.faults.standing, world.push_faults, world.tokens.life_s]


@pytest.mark.parametrize("name", SCENARIOS)
def test_calm_ends_every_scenario(name: str) -> None:
    world = World()
    SCENARIOS[name].set_off(world)
    SCENARIOS["calm"].set_off(world)
    assert standing(world) == standing(World())


def every(cls: type[msgspec.Struct]) -> Any:
    """Return an instance of `cls` with all of its optional fields set: a new one is sent here by itself."""
    found = {}
    for field in msgspec.structs.fields(cls):
        kinds = [kind for kind in get_args(field.type) if kind is not type(None)]
        literal = get_args(kinds[0])
        found[field.name] = literal[0] if literal else {str: "a", bool: True, int: 8}[kinds[0]]
    return cls(**found)


def everything_sent() -> list[object]:
    """Return a push frame of each kind that parties send."""
    ava, bo, cy = (Device(str(n), name, "PS5") for n, name in ((1, "Ava"), (2, "Bo"), (3, "Cy")))
    parties = PartyRegister()
    changes, departures = Changes(parties), Departures(parties, Ways())
    member = NewMember(accountId="me", platform="me", pushContexts=[PushContext(contextId="c")])
    party, told = parties.create(ava, NewParty(members=[member], joinableUserType="FRIENDS"), member, 1.0)
    for guest in (bo, cy):
        told += parties.join(party.session_id, guest, member, 2.0)[1]
    told += changes.change_member(party.session_id, bo, every(ChangeMember))
    told += changes.change_party(party.session_id, ava, every(ChangeParty))
    told += changes.invite(party.session_id, ava, [("4", "Di")])
    told += departures.kick(party.session_id, ava, cy.account_id)
    told += departures.leave(party.session_id, ava)
    told += departures.end(party.session_id, "SESSION_CLOSED")
    return [delivery.frame for delivery in told]


def test_what_the_simulator_sends_is_believed() -> None:
    """Else a capture of the real thing has it reported as new (captures/tell/unexpected.py)."""
    frames = everything_sent()
    sent = {frame["dataType"].removeprefix(events.PREFIX) for frame in frames}
    constants = {value for name, value in vars(events).items() if name.isupper() and ":" in str(value)}
    assert constants - sent == {events.PREFIX, *ELSEWHERE}, "send it in `everything_sent`"
    assert sorted(set(merged(frames)) - expectations.PUSH_FIELDS) == []
