"""A check that each member's customData3 names the right members in time. No I/O, no clock."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from simulator.facts import party as facts
from simulator.facts import rests_on
from simulator.parties.custom_data3 import read
from simulator.parties.party import Key, SimulatedMember, SimulatedParty

TOLD_WITHIN_S = 5.0
"""Limit for a new customData3 after the last change, later is a violation. The app takes 0.4 to 0.6 s [seen]."""
BURST_S = 30.0
"""Limit for one correct customData3 while members keep changing."""
OFTEN, OFTEN_WITHIN_S = 8, 120.0
"""A client that has sent this many in this time may batch changes. `BURST_S` is then its limit, not `TOLD_WITHIN_S`."""
STAND_IN_TELLS_S = 0.6
"""Delay of the simulator's update for a device that nobody plays. Consoles send their own [seen]."""
FORGIVEN_S = 5.0
"""A client may name a member who left within this time."""


def others(party: SimulatedParty, member: SimulatedMember) -> list[str]:
    """Return the account ids of the other members in join order, its own account only for its other devices."""
    found = sorted(party.members.values(), key=lambda one: one.join_order)
    return list(dict.fromkeys(one.device.account_id for one in found if one is not member))


@dataclass
class _Watched:
    wanted: frozenset[str]
    since: float
    """Time of the last change of `wanted`."""
    wrong_since: float
    blamed: bool = False


class NamingCheck:
    """The check for every member of every party. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._watched: dict[tuple[str, Key], _Watched] = {}
        self._left: dict[tuple[str, str], float] = {}
        self._told: dict[tuple[str, Key], deque[float]] = {}
        """Times of each member's latest `OFTEN` updates."""
        self._hindered_at = float("-inf")

    def hinder(self, now: float) -> None:
        """Record a call that met a fault on demand. The client's limits start again from here."""
        self._hindered_at = now

    def left(self, session_id: str, account_id: str, now: float) -> None:
        self._left = {key: at for key, at in self._left.items() if now - at < FORGIVEN_S}
        self._left[session_id, account_id] = now

    @rests_on(facts.CUSTOM_DATA3, facts.CUSTOM_DATA3_ALONE)
    def wrong_with(self, party: SimulatedParty, member: SimulatedMember, custom_data3: str, now: float) -> str:
        """Record a member's new customData3 and return the rule that it breaks, "" for none."""
        self._told.setdefault((party.session_id, member.device.key), deque(maxlen=OFTEN)).append(now)
        found = read(custom_data3)
        if found is None:
            return "customData3 is not a session id and lines of 21 digits"
        session_id, told = found
        there = set(others(party, member))
        gone = [one for one in told if one not in there and (party.session_id, one) not in self._lately_left(now)]
        if session_id != party.session_id:
            return "customData3 names another party"
        if member.device.account_id in told and member.device.account_id not in there:
            return "customData3 names oneself"
        if gone:
            return f"customData3 names {len(gone)} who are not in the party"
        if not there and not any(key[0] == party.session_id for key in self._lately_left(now)):
            return "customData3 is told alone in a party"
        return ""

    def _lately_left(self, now: float) -> set[tuple[str, str]]:
        return {key for key, at in self._left.items() if now - at < FORGIVEN_S}

    @rests_on(facts.CUSTOM_DATA3, facts.CUSTOM_DATA3_ALONE)
    def due(
        self, parties: list[SimulatedParty], stand_ins: set[Key], now: float
    ) -> tuple[list[tuple[SimulatedParty, SimulatedMember]], list[str]]:
        """Return the stand-ins whose customData3 is due, and the members that broke a rule. Call often."""
        late, broken = [], []
        there = {(party.session_id, key) for party in parties for key in party.members}
        self._watched = {place: watched for place, watched in self._watched.items() if place in there}
        self._told = {place: told for place, told in self._told.items() if place in there}
        for party in parties:
            for key, member in party.members.items():
                watched = self._watch(party, member, now)
                if watched is None:
                    continue
                if key in stand_ins:
                    if now - watched.since >= STAND_IN_TELLS_S:
                        late.append((party, member))
                elif not watched.blamed and self._late((party.session_id, key), watched, now):
                    watched.blamed = True
                    broken.append(f"{member.device.peer} has not told customData3 for {TOLD_WITHIN_S:g} s")
        return late, broken

    def _late(self, place: tuple[str, Key], watched: _Watched, now: float) -> bool:
        if now - max(watched.wrong_since, self._hindered_at) > BURST_S:
            return True
        told = self._told.get(place, deque())
        gathers = len(told) == OFTEN and now - told[0] < OFTEN_WITHIN_S
        return not gathers and now - max(watched.since, self._hindered_at) > TOLD_WITHIN_S

    def _watch(self, party: SimulatedParty, member: SimulatedMember, now: float) -> _Watched | None:
        """Return since when a member's customData3 is wrong, None if it is right."""
        place = party.session_id, member.device.key
        wanted = frozenset(others(party, member))
        found = read(member.custom_data3)
        if not wanted or (found is not None and found[0] == party.session_id and set(found[1]) == wanted):
            self._watched.pop(place, None)
            return None
        watched = self._watched.get(place)
        if watched is None:
            watched = self._watched[place] = _Watched(wanted, now, now)
        elif watched.wanted != wanted:
            watched.wanted, watched.since = wanted, now
        return watched
