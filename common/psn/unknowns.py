"""The unknowns of Sony's protocol that could keep us unheard, with alternatives, grade, and who tries them.

The first value of each is the default. Values are tried in the order of this file, unless a member's own messages
show theirs. The simulator's facts of the same names cover each value (`simulator.facts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Literal

import msgspec

Grade = Literal["seen", "one", "app", "read", "open"]
Trier = Literal["member", "party", "call", "time", "observed"]
"""Who tries the values. ``member``: media, with each offer or answer to a member that does not connect. ``party``: the
same, but all members see it. ``call``: the HTTP client, when a call is refused. ``time``: negotiation, by waiting.
``observed``: nobody, since both forms are read. `partyline probe` reports which one it is."""

Recipe = dict[str, str]
"""Name of an unknown → the value in use."""


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    grade: Grade
    question: str
    values: tuple[str, ...]
    trier: Trier
    note: str
    """File of notes/ with what is known."""


UNKNOWNS: tuple[Unknown, ...] = (
    Unknown(
        name="frame.line",
        grade="open",
        question="Which line stands before the JSON of a miranda frame?",
        values=("1/1/1", "2/1/1"),
        trier="member",
        note="signaling.md",
    ),
    Unknown(
        name="frame.offset-8",
        grade="open",
        question="Is the u32 at offset 8 of a miranda frame always 1, or does it count messages?",
        values=("one", "counter"),
        trier="member",
        note="signaling.md",
    ),
    Unknown(
        name="sdp.ssrc",
        grade="open",
        question="Do descriptions need ssrc lines, or must they have none?",
        values=("as-captured", "none"),
        trier="member",
        note="voice.md",
    ),
    Unknown(
        name="sdp.answer-clock",
        grade="open",
        question="Which clock does an answer name for Opus?",
        values=("16000", "48000"),
        trier="member",
        note="voice.md",
    ),
    Unknown(
        name="customdata4.place-1",
        grade="open",
        question="Must place 1 of customData4 hold a number before members talk with us?",
        values=("empty", "number"),
        trier="party",
        note="party-api.md",
    ),
    Unknown(
        name="headers.native",
        grade="open",
        question="Do the servers take native calls with x-psn headers, or only those without?",
        values=("bare", "full"),
        trier="call",
        note="party-api.md",
    ),
    Unknown(
        name="offer.first",
        grade="read",
        question="Who offers: the older member, the newcomer, or the smaller account id?",
        values=("older", "newer", "smaller-account", "both", "nobody"),
        trier="time",
        note="signaling.md",
    ),
    Unknown(
        name="glare.rule",
        grade="open",
        question="When both offer, whose offer does the other side keep?",
        values=("lower-yields", "higher-yields", "yields", "never-yields"),
        trier="time",
        note="signaling.md",
    ),
    Unknown(
        name="rtp.clock",
        grade="open",
        question="Do RTP timestamps count 48 or 16 kHz?",
        values=("48000", "16000"),
        trier="time",
        note="voice.md",
    ),
    Unknown(
        name="frame.unfit",
        grade="open",
        question="What becomes of a message in a form that is not understood?",
        values=("ignored", "refused"),
        trier="observed",
        note="signaling.md",
    ),
    Unknown(
        name="push.authorise",
        grade="app",
        question="Is the first frame of a push channel (1003) answered?",
        values=("answered", "unanswered"),
        trier="observed",
        note="push.md",
    ),
    Unknown(
        name="party.view-key",
        grade="seen",
        question="Under which name does the view of a party answer?",
        values=("v2PartySessions", "partySessions"),
        trier="observed",
        note="party-api.md",
    ),
    Unknown(
        name="party.view-timestamp",
        grade="open",
        question="Is joinTimestamp in the view a string or a number?",
        values=("string", "number"),
        trier="observed",
        note="party-api.md",
    ),
    Unknown(
        name="party.left-cause-place",
        grade="read",
        question="Where does leftEventCause stand: in each entry of members:deleted, or in the event's own properties?",
        values=("entry", "event"),
        trier="observed",
        note="party-api.md",
    ),
)
BY_NAME: Mapping[str, Unknown] = {unknown.name: unknown for unknown in UNKNOWNS}
TRIED: tuple[Unknown, ...] = tuple(unknown for unknown in UNKNOWNS if unknown.trier in ("member", "party"))
"""The unknowns of a `Recipe`."""
DEFAULT: Recipe = {unknown.name: unknown.values[0] for unknown in TRIED}


def usable(recipe: Mapping[str, str]) -> Recipe:
    """Return a complete recipe. Unknown names and values are dropped, missing ones get the defaults."""
    known = {name: value for name, value in recipe.items() if name in DEFAULT and value in BY_NAME[name].values}
    return DEFAULT | known


def recipes(first: Mapping[str, str], role: Literal["offer", "answer"]) -> Iterator[Recipe]:
    """Return every recipe that makes a difference to an offer or an answer, the likeliest first.

    `first` is the first recipe. Values that all members see vary slowest. Recipes that differ from `first` in fewer
    places come earlier.
    """
    begin = usable(first)
    names = [unknown.name for unknown in TRIED if role == "answer" or unknown.name != "sdp.answer-clock"]
    own = [name for name in names if BY_NAME[name].trier == "member"]
    shared = [name for name in names if BY_NAME[name].trier == "party"]
    for common in _combinations(begin, shared):
        for chosen in _combinations(begin, own):
            yield {**begin, **common, **chosen}


def _combinations(begin: Recipe, names: Iterable[str]) -> list[Recipe]:
    """Return every choice of values for `names`, those with fewer changes first."""
    names = list(names)
    ordered = [(begin[name], *(v for v in BY_NAME[name].values if v != begin[name])) for name in names]
    found = [dict(zip(names, values, strict=True)) for values in product(*ordered)]
    return sorted(found, key=lambda one: sum(one[name] != begin[name] for name in names))


def form_of(prefix: str, counter: int) -> Recipe:
    """Return the values of its sender that a received frame proves."""
    line = prefix.strip()
    found = {"frame.line": line} if line in BY_NAME["frame.line"].values else {}
    return found | ({"frame.offset-8": "counter"} if counter != 1 else {})


def words(recipe: Mapping[str, str], usual: Mapping[str, str] | None = None) -> str:
    """Return what differs from `usual` (or the defaults), e.g. ``frame.line=2/1/1``, or "" if nothing does."""
    usual = usual if usual is not None else DEFAULT
    return ", ".join(f"{name}={value}" for name, value in recipe.items() if usual.get(name) != value)
