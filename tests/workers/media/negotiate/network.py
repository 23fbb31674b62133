"""A modelled network for negotiations: messages that are late, lost or overtaken, and connections, in made-up time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import repeat
from typing import Literal, Protocol

from workers.media.negotiate.actions import AcceptAnswer, Action, AnswerOffer, Close, MakeOffer
from workers.media.negotiate.negotiation import Negotiation
from workers.media.negotiate.retries import Timeouts

STEP_S = 0.05
Kind = Literal["offer", "answer"]
Rule = Literal["lower-yields", "higher-yields", "yields", "never-yields"]
RULES: tuple[Rule, ...] = ("lower-yields", "higher-yields", "yields", "never-yields")


@dataclass
class End:
    """One end of a connection. An answerer knows its offerer from the start, an offerer when it takes the answer."""

    side: Side
    number: int
    other: End | None = None
    up: bool = False
    closed: bool = False


class Side(Protocol):
    """One member."""

    name: str

    def take(self, kind: Kind, sequence: int, sdp: str) -> None: ...

    def up(self, number: int) -> None: ...

    def ended(self, number: int) -> None: ...

    def tick(self) -> None: ...


@dataclass
class Network:
    """`fates`: of each message in turn, its delay in seconds, None: it is lost; then all take `delay_s`."""

    fates: Iterator[float | None] = field(default_factory=lambda: repeat(0.1))
    connect_s: Iterator[float] = field(default_factory=lambda: repeat(0.1))
    now: float = 0.0
    sides: list[Side] = field(default_factory=list)
    ends: dict[str, End] = field(default_factory=dict)
    first_offer: float | None = None
    first_up: float | None = None
    _due: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _count: int = 0

    def later(self, wait_s: float, doing: Callable[[], None]) -> None:
        self._count += 1
        self._due.append((self.now + wait_s, self._count, doing))

    def open(self, side: Side, number: int, offer: str = "") -> str:
        """Make an end, which answers `offer` if there is one; return its description."""
        sdp = f"{side.name}:{number}"
        self.ends[sdp] = End(side, number, self.ends.get(offer))
        return sdp

    def send(self, side: Side, kind: Kind, sequence: int, sdp: str) -> None:
        to = next(other for other in self.sides if other is not side)
        if kind == "offer" and self.first_offer is None:
            self.first_offer = self.now
        if (delay := next(self.fates, 0.1)) is not None:
            self.later(delay, lambda: to.take(kind, sequence, sdp))

    def join(self, offerer: str, answerer: str) -> None:
        """Let the offerer take the answer: both come up soon, unless one is closed by then."""
        one, two = self.ends[offerer], self.ends[answerer]
        one.other = two
        if two.other is one:
            self.later(next(self.connect_s, 0.1), lambda: self._up(one, two))

    def close(self, sdp: str) -> None:
        end = self.ends[sdp]
        end.closed, end.up = True, False
        if end.other is not None and end.other.up:
            self.later(0.05, lambda: self._gone(end.other))

    def carries(self, sdp: str) -> bool:
        end = self.ends[sdp]
        return end.up and end.other is not None and end.other.up

    def run(self, until: float) -> None:
        while self.now < until:
            due = sorted(one for one in self._due if one[0] <= self.now)
            self._due = [one for one in self._due if one[0] > self.now]
            for _, _, doing in due:
                doing()
            for side in self.sides:
                side.tick()
            self.now += STEP_S

    def _up(self, one: End, two: End) -> None:
        if one.closed or two.closed:
            return
        self.first_up = self.now if self.first_up is None else self.first_up
        one.up = two.up = True
        for end in (one, two):
            if not end.closed:
                end.side.up(end.number)

    def _gone(self, end: End | None) -> None:
        if end is not None and end.up:
            end.up = False
            end.side.ended(end.number)


class Ours:
    """A member who negotiates as we do."""

    def __init__(self, network: Network, name: str, *, older: bool, offer_at: float) -> None:
        self.name = name
        self.deal = Negotiation(Timeouts(6.0, 15.0), wins_glare=older, offer_at=offer_at)
        self.most = 0
        """Connections at one time."""
        self.offers = 0
        self._network = network
        network.sides.append(self)

    @property
    def standing(self) -> list[str]:
        return [f"{self.name}:{number}" for number in self.deal.status.established]

    def take(self, kind: Kind, sequence: int, sdp: str) -> None:
        take = self.deal.on_offer if kind == "offer" else self.deal.on_answer
        self._do(take(sequence, sdp, self._network.now))

    def up(self, number: int) -> None:
        self._do(self.deal.on_up(number, self._network.now))

    def ended(self, number: int) -> None:
        self._do(self.deal.on_ended(number, "gone", self._network.now))

    def tick(self) -> None:
        now = self._network.now
        for sdp, number in zip(self.standing, self.deal.status.established, strict=True):
            if self._network.carries(sdp):
                self.deal.record_media(number, now, now)
        self._do(self.deal.poll(now))

    def _do(self, actions: list[Action]) -> None:
        self.most = max(self.most, len(self.deal.status.connections))
        for action in actions:
            if isinstance(action, MakeOffer):
                self.offers += 1
                self._network.send(self, "offer", action.sequence, self._network.open(self, action.connection))
            elif isinstance(action, AnswerOffer):
                sdp = self._network.open(self, action.connection, action.sdp)
                self._network.send(self, "answer", action.sequence, sdp)
            elif isinstance(action, AcceptAnswer):
                self._network.join(f"{self.name}:{action.connection}", action.sdp)
            elif isinstance(action, Close):
                self._network.close(f"{self.name}:{action.connection}")


class OneConnection:
    """An app with one peer connection: what it answers, and what answers it, replaces what stood."""

    name = "app"

    def __init__(self, network: Network, rule: Rule, *, older: bool, offer_at: float | None) -> None:
        self._yields = rule == "yields" or (rule == "lower-yields" and older) or (rule == "higher-yields" and not older)
        self._network = network
        self._offer_at = offer_at
        self._pending = ""
        """Our offer that has no answer."""
        self._since = 0.0
        self._sequence = 0
        self._number = 0
        self.current = ""
        self._by_itself = offer_at is not None
        network.sides.append(self)

    @property
    def standing(self) -> list[str]:
        return [self.current] if self.current and self._network.ends[self.current].up else []

    def take(self, kind: Kind, sequence: int, sdp: str) -> None:
        if kind == "answer":
            if self._pending and sequence == self._sequence:
                self._replace(self._pending)
                self._pending = ""
                self._network.join(self.current, sdp)
        elif not self._pending or self._yields:
            if self._pending:
                self._network.close(self._pending)
            self._pending, self._offer_at = "", None
            self._replace(self._open(sdp))
            self._network.send(self, "answer", sequence, self.current)

    def up(self, number: int) -> None: ...

    def ended(self, number: int) -> None:
        if self.current == f"{self.name}:{number}":
            self._lost()

    def tick(self) -> None:
        now = self._network.now
        if self.current and not self._network.ends[self.current].up and now > self._since + 20:
            self._network.close(self.current)
            self._lost()
        if self._offer_at is not None and now >= self._offer_at:
            if self._pending:
                self._network.close(self._pending)
            self._sequence += 1
            self._pending, self._offer_at = self._open(), now + 6
            self._network.send(self, "offer", self._sequence, self._pending)

    def _lost(self) -> None:
        self.current = ""
        if self._by_itself and not self._pending:
            self._offer_at = self._network.now + 4

    def _open(self, offer: str = "") -> str:
        self._number += 1
        return self._network.open(self, self._number, offer)

    def _replace(self, sdp: str) -> None:
        if self.current:
            self._network.close(self.current)
        self.current, self._since, self._offer_at = sdp, self._network.now, None
