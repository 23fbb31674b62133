"""The progress lines of `partyline up --foreground`, one for each change. No I/O, no clock."""

from __future__ import annotations

import re
from math import inf
from typing import Literal

from cli.pipeline.progress_following import FollowingProgress
from cli.shared.bus_state import BusState, of_members
from cli.shared.terminal import listed, printable
from common.bus.retained import standing
from common.messages import (
    AuthState,
    Following,
    Invitations,
    MixerState,
    PartyState,
    PeerState,
    Problem,
    Speaking,
    WorkerHealth,
)
from common.messages.wire import Received

Tone = Literal["plain", "good", "bad", "dim"]
Line = tuple[Tone, str]


NAME_S = 5.0
"""Time limit of the online id's lookup after the sign-in. The account id is then used as the name."""

_UNREAD = "(its members cannot be read yet)"
ALONE_S = 2.0
"""Wait for the members, which are published shortly after the party."""


class Progress:
    """Turns bus messages into progress lines."""

    def __init__(self) -> None:
        self.bus_state = BusState()
        self.heard: dict[str, str] = {}
        """Names of everybody heard so far, by peer key."""
        self._account = ""
        self._nameless_since: float | None = None
        """Seconds of `poll`'s clock, infinite until the next call. None once the account has its name."""
        self._alone_since: float | None = None
        """Likewise, while nobody else is in the party that was joined."""
        self._party: PartyState | None = None
        self._following = FollowingProgress()
        self._sink = ""
        self._broken: set[str] = set()
        self._boots: dict[str, str] = {}
        self._silent: set[str] = set()
        self._problems: dict[str, str] = {}

    def on_message(self, received: Received) -> list[Line]:  # noqa: PLR0911  # one a message class
        self.bus_state.record(received)
        message = received.message
        match message:
            case AuthState():
                return self._on_auth(message)
            case PartyState():
                return self._on_party(message)
            case Following():
                return [("plain", text) for text in self._following.on_following(message)]
            case Invitations():
                return [("good", text) for text in self._following.on_invitations(message)]
            case MixerState():
                return self._on_mixer(message)
            case PeerState():
                return self._on_peer(message) + self._on_voice(message, heard=message.heard_s > 0)
            case Speaking():
                return self._on_voice(message, heard=message.speaking)
            case WorkerHealth():
                return self._on_health(message)
            case Problem():
                return self._on_problem(message)
            case _:
                return self._on_cleared(received)

    def poll(self, now: float) -> list[Line]:
        """Return the lines about what is overdue: heartbeats, the account's name, other members.

        `now`: seconds of `common.basic.clock.boot_s`.
        """
        out: list[Line] = []
        self._nameless_since = min(self._nameless_since, now) if self._nameless_since is not None else None
        self._alone_since = min(self._alone_since, now) if self._alone_since is not None else None
        auth = self.bus_state.one(AuthState)
        if auth and self._nameless_since is not None and now - self._nameless_since > NAME_S:
            out += self._signed_in(auth, printable(auth.account_id))
        if self._party and self._alone_since is not None and now - self._alone_since > ALONE_S:
            out += self._joined(self._party)
        for name, health in sorted(self.bus_state.all(WorkerHealth).items()):
            if standing(health, now) == "silent" and name not in self._silent:
                self._silent.add(name)
                out.append(("bad", f"{name} no longer answers."))
        return out

    def _on_auth(self, auth: AuthState) -> list[Line]:
        if auth.state == "refreshing":
            return []
        if auth.state == "signed_in":
            if auth.online_id:
                return self._signed_in(auth, printable(auth.online_id))
            self._nameless_since = inf if self._nameless_since is None else self._nameless_since
            return []
        before, self._account, self._nameless_since = self._account, "", None
        out = ""
        if auth.state == "unknown":
            out = printable(auth.detail)
        elif auth.state == "expired":
            out = "The sign-in has expired. Sign in again with `partyline login`."
        elif before or auth.realm == "playstation":
            out = "Not signed in. Sign in with `partyline login`."
        return [("bad", out)] if out else []

    def _signed_in(self, auth: AuthState, account: str) -> list[Line]:
        self._nameless_since = None
        before, self._account = self._account, account
        if account == before:
            return []
        where = "the simulator" if auth.realm == "simulator" else "PlayStation Network"
        party = self.bus_state.one(PartyState)
        idle = auth.realm == "playstation" and party is not None and party.phase == "none"
        hint = " Join a party with `partyline join`." if idle else ""
        return [("good", f"Signed in to {where} as {account}.{hint}")]

    def _on_party(self, party: PartyState) -> list[Line]:
        before, self._party = self._party, party
        if party.phase == "joined":
            same = before is not None and before.phase == "joined" and before.session_id == party.session_id
            if before and same and self._alone_since is None:
                return _joined_and_left(before, party)
            if any(not member.is_me for member in party.members):
                return self._joined(party)
            self._alone_since = inf if self._alone_since is None else self._alone_since
        elif party.phase == "none":
            self._alone_since = None
            if before and before.phase != "none":
                return [("plain", f"No longer in a party{_because(party.reason)}.")]
        return []

    def _joined(self, party: PartyState) -> list[Line]:
        self._alone_since = None
        names = sorted(of_members(m for m in party.members if not m.is_me).values())
        company = f"with {listed(names)}" if names else "with nobody else yet" if party.members_known else _UNREAD
        name = f" “{printable(party.name)}”" if party.name else ""
        return [("good", f"In the party{name} {company}.")]

    def _on_mixer(self, mixer: MixerState) -> list[Line]:
        sink = printable(mixer.where)
        before, self._sink = self._sink, sink
        return [("plain", f"The sound goes {sink}.")] if sink != before else []

    def _on_peer(self, peer: PeerState) -> list[Line]:
        key, name = peer.key(), self.bus_state.name(peer.key())
        if peer.connection in ("lost", "failed"):
            if key in self._broken:
                return []
            self._broken.add(key)
            return [("bad", f"The connection to {name} is {peer.connection}{_because(peer.detail)}.")]
        if peer.connection == "connected" and key in self._broken:
            self._broken.discard(key)
            return [("good", f"The connection to {name} is back.")]
        return []

    def _on_voice(self, message: PeerState | Speaking, *, heard: bool) -> list[Line]:
        key = message.key()
        if not heard or key in self.heard:
            return []
        self.heard[key] = printable(message.online_id) or self.bus_state.name(key)
        return [("good", f"{self.heard[key]} is heard.")]

    def _on_health(self, health: WorkerHealth) -> list[Line]:
        self._silent.discard(health.worker)
        before = self._boots.get(health.worker)
        self._boots[health.worker] = health.boot
        return [("plain", f"{health.worker} was restarted.")] if before not in (None, health.boot) else []

    def _on_problem(self, problem: Problem) -> list[Line]:
        before, self._problems[problem.key()] = self._problems.get(problem.key(), ""), problem.message
        return problem_lines(problem) if _without_figures(before) != _without_figures(problem.message) else []

    def _on_cleared(self, received: Received) -> list[Line]:
        if received.cls is Problem and received.key in self._problems:
            return [("good", f"Solved: {printable(self._problems.pop(received.key))}")]
        if received.cls is PeerState:
            self.heard.pop(received.key, None)
            self._broken.discard(received.key)
        return []


def _without_figures(message: str) -> str:
    """Return `message` with its figures replaced, so that messages differing only in figures are equal."""
    return re.sub(r"\d+", "0", message)


def problem_lines(problem: Problem) -> list[Line]:
    """Return a problem and its remedy, a line each."""
    tone: Tone = "plain" if problem.severity == "note" else "bad"
    reference = f" (reference {printable(problem.reference_id)})" if problem.reference_id else ""
    return [(tone, printable(problem.message) + reference), ("plain", f"  → {printable(problem.remedy)}")]


def _joined_and_left(before: PartyState, party: PartyState) -> list[Line]:
    then = {member.peer: member for member in before.members if not member.is_me}
    now = {member.peer: member for member in party.members if not member.is_me}
    named = of_members({**then, **now}.values())
    came = [member for peer, member in now.items() if peer not in then]
    went = [member for peer, member in then.items() if peer not in now]
    return [
        *(("plain", f"{named[member.peer]} joined the party.") for member in came),
        *(("plain", f"{named[member.peer]} left the party.") for member in went),
    ]


def _because(reason: str) -> str:
    return f": {printable(reason).rstrip('.')}" if reason else ""
