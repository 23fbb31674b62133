"""customData3: whom each member names, whether that is who is there, and who waits to be named. No I/O, no clock.

The text is base64 of the session id and a line for each other member, its account id padded to 21 digits.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from simulator.facts import party as facts
from simulator.facts import rests_on
from simulator.party import Key, Member, Party

TOLD_WITHIN_S = 5.0
"""A client that has not told it so long after the last change broke a rule; the app takes 0.4 to 0.6 s [seen]."""
BURST_S = 30.0
"""However often it changes, it must be right once within that."""
CONSOLE_TELLS_S = 0.6
"""A console tells it so long after somebody came or went [seen]."""
FORGIVEN_S = 5.0
"""A client may name somebody who left so lately."""
_LINE = re.compile(r"\d{21}")


def encode(session_id: str, account_ids: list[str]) -> str:
    text = "".join(f"{line}\n" for line in [session_id, *(one.rjust(21, "0") for one in account_ids)])
    return base64.b64encode(text.encode()).decode()


def named(custom_data3: str) -> tuple[str, list[str]] | None:
    """Return session id and account ids of a customData3; None when it is none."""
    try:
        text = base64.b64decode(custom_data3, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    session_id, *lines = text.split("\n")
    if not lines or lines.pop() or not all(_LINE.fullmatch(line) for line in lines):
        return None
    return session_id, [line.lstrip("0") for line in lines]


def others(party: Party, member: Member) -> list[str]:
    """Return the account ids of a member's others as they joined; its own account only for its other devices."""
    found = sorted(party.members.values(), key=lambda one: one.join_order)
    return list(dict.fromkeys(one.device.account_id for one in found if one is not member))


@dataclass
class _Watched:
    wanted: frozenset[str]
    since: float
    """Of the last change of `wanted`."""
    wrong_since: float
    blamed: bool = False


class Telling:
    """Watches every member of every party. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._watched: dict[tuple[str, Key], _Watched] = {}
        self._left: dict[tuple[str, str], float] = {}

    def left(self, session_id: str, account_id: str, now: float) -> None:
        self._left = {key: at for key, at in self._left.items() if now - at < FORGIVEN_S}
        self._left[session_id, account_id] = now

    @rests_on(facts.CUSTOM_DATA3, facts.CUSTOM_DATA3_ALONE)
    def wrong_with(self, party: Party, member: Member, custom_data3: str, now: float) -> str:
        """Return what breaks a rule in a customData3 that a member tells now, "" for nothing."""
        read = named(custom_data3)
        if read is None:
            return "customData3 is not a session id and lines of 21 digits"
        session_id, told = read
        there = set(others(party, member))
        gone = [one for one in told if one not in there and (party.session_id, one) not in self._late(now)]
        if session_id != party.session_id:
            return "customData3 names another party"
        if member.device.account_id in told and member.device.account_id not in there:
            return "customData3 names oneself"
        if gone:
            return f"customData3 names {len(gone)} who are not in the party"
        if not there and not any(key[0] == party.session_id for key in self._late(now)):
            return "customData3 is told alone in a party"
        return ""

    def _late(self, now: float) -> set[tuple[str, str]]:
        return {key for key, at in self._left.items() if now - at < FORGIVEN_S}

    @rests_on(facts.CUSTOM_DATA3, facts.CUSTOM_DATA3_ALONE)
    def due(self, parties: list[Party], consoles: set[Key], now: float) -> tuple[list[tuple[Party, Member]], list[str]]:
        """Return the consoles that tell theirs now, and the rules that clients broke by not telling it. Call often."""
        telling, broken = [], []
        seen = {(party.session_id, key) for party in parties for key in party.members}
        self._watched = {key: watched for key, watched in self._watched.items() if key in seen}
        for party in parties:
            for key, member in party.members.items():
                watched = self._watch(party, member, now)
                if watched is None:
                    continue
                if key in consoles:
                    if now - watched.since >= CONSOLE_TELLS_S:
                        telling.append((party, member))
                elif not watched.blamed and (
                    now - watched.since > TOLD_WITHIN_S or now - watched.wrong_since > BURST_S
                ):
                    watched.blamed = True
                    broken.append(f"{member.device.peer} has not told customData3 for {TOLD_WITHIN_S:g} s")
        return telling, broken

    def _watch(self, party: Party, member: Member, now: float) -> _Watched | None:
        """Return how long a member's customData3 has been wrong, None when it is right."""
        place = party.session_id, member.device.key
        wanted = frozenset(others(party, member))
        read = named(member.custom_data3)
        if not wanted or (read is not None and read[0] == party.session_id and set(read[1]) == wanted):
            self._watched.pop(place, None)
            return None
        watched = self._watched.get(place)
        if watched is None:
            watched = self._watched[place] = _Watched(wanted, now, now)
        elif watched.wanted != wanted:
            watched.wanted, watched.since = wanted, now
        return watched
