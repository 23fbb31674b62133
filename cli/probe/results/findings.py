"""Findings from observations. Pure.

Each observation allows some values of one or more unknowns. The candidates are the values that every observation
allows.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from cli.probe.observe.observations import Glare, Numbers, Observation, OfferBehaviour, Shows, Unfit, Works
from common.psn.unknowns import BY_NAME, UNKNOWNS, Unknown

OFFER, GLARE, OFFSET, UNFIT = "offer.first", "glare.rule", "frame.offset-8", "frame.unfit"
State = Literal["settled", "no difference", "narrowed", "not seen", "contradicted"]
Allowed = Mapping[str, frozenset[str]]


class UnknownResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result for one unknown after a run."""

    name: str
    question: str
    state: State
    candidates: tuple[str, ...]
    """Values that fit all observations. If they contradict each other, values that fit at least one."""
    evidence: tuple[str, ...] = ()
    """The evidence, a sentence each."""
    remark: str = ""
    """Further remark."""

    @property
    def value(self) -> str:
        return " or ".join(self.candidates)


# --- what an observation leaves -----------------------------------------------------------------------


def offers(rule: str, *, older: bool, smaller: bool) -> bool:
    """Return whether a member offers on its own under a value of `offer.first`."""
    if rule == "smaller-account":
        return smaller
    return rule in ("both", "older" if older else "newer")


def yields(rule: str, *, older: bool) -> bool:
    """Return whether a member answers in a glare under a `glare.rule`. The older one has the lower joinOrder."""
    return rule in ("yields", "lower-yields" if older else "higher-yields")


def allowed(seen: Observation) -> Allowed:
    """Return the values that an observation allows, by unknown. Unknowns that it does not concern are missing."""
    return _ALLOWED[type(seen)](seen)


def _shows(seen: Shows) -> Allowed:
    return {seen.name: frozenset([seen.value])}


def _works(seen: Works) -> Allowed:
    return {name: frozenset([value]) for name, value in seen.form.items()}


def _unfit(seen: Unfit) -> Allowed:
    return {UNFIT: frozenset([seen.how])}


def _numbers(seen: Numbers) -> Allowed:
    numbers = seen.counters
    left = set()
    if all(number == 1 for number in numbers):
        left.add("one")
    if all(later > earlier for earlier, later in itertools.pairwise(numbers)):
        left.add("counter")
    return {OFFSET: frozenset(left)}


def _offers(seen: OfferBehaviour) -> Allowed:
    rules = BY_NAME[OFFER].values
    return {
        OFFER: frozenset(r for r in rules if offers(r, older=seen.older, smaller=seen.smaller) is seen.offered),
    }


def _glare(seen: Glare) -> Allowed:
    rules = BY_NAME[GLARE].values
    return {GLARE: frozenset(rule for rule in rules if yields(rule, older=seen.older) is seen.answered)}


_ALLOWED: Mapping[type[Any], Callable[[Any], Allowed]] = {
    Shows: _shows,
    Works: _works,
    Unfit: _unfit,
    Numbers: _numbers,
    OfferBehaviour: _offers,
    Glare: _glare,
}


# --- what they leave together -------------------------------------------------------------------------


def settle(seen: Iterable[Observation]) -> list[UnknownResult]:
    """Return a finding for each of `UNKNOWNS`, in their order. The order of the observations does not matter."""
    every = list(seen)
    left = {unknown.name: _left(unknown, every) for unknown in UNKNOWNS}
    return [_finding(unknown, left, every) for unknown in UNKNOWNS]


def _left(unknown: Unknown, seen: Sequence[Observation]) -> frozenset[str]:
    left = frozenset(unknown.values)
    for one in seen:
        left &= allowed(one).get(unknown.name, left)
    return left


def _finding(unknown: Unknown, left: Mapping[str, frozenset[str]], seen: Sequence[Observation]) -> UnknownResult:
    about = [one for one in seen if unknown.name in allowed(one)]
    candidates = left[unknown.name]
    state, remark = _state(unknown, left, about)
    if state == "contradicted":
        candidates = frozenset(value for one in about for value in allowed(one)[unknown.name])
    return UnknownResult(
        name=unknown.name,
        question=unknown.question,
        state=state,
        candidates=tuple(value for value in unknown.values if value in candidates)
        + tuple(sorted(candidates - set(unknown.values))),
        evidence=tuple(dict.fromkeys(sentence(one) for one in about)),
        remark=remark,
    )


def _state(unknown: Unknown, left: Mapping[str, frozenset[str]], about: Sequence[Observation]) -> tuple[State, str]:
    candidates = left[unknown.name]
    if not candidates:
        return (
            "contradicted",
            "The observations do not fit a single value. Both values may be valid, or the value may vary.",
        )
    if len(candidates) == 1:
        return "settled", ""
    if unknown.name == GLARE and (why := _no_glare(left[OFFER], candidates)):
        return "no difference", why
    if unknown.name == UNFIT and not about:
        return "not seen", "All of our messages were in a form that is understood."
    if unknown.name == OFFER and about:
        return "narrowed", "Members with smaller and with larger account ids than yours are needed to settle it."
    return ("narrowed" if len(candidates) < len(unknown.values) else "not seen"), ""


def _no_glare(offerers: frozenset[str], candidates: frozenset[str]) -> str:
    """Return why the remaining rules act alike in every possible glare, or "" if they do not."""
    if not offerers:
        return ""
    roles = {
        older
        for rule in offerers
        for older in (True, False)
        if any(offers(rule, older=older, smaller=smaller) for smaller in (True, False))
    }
    if not roles:
        return "The other side never offers by itself, so there is no glare."
    if all(len({yields(rule, older=older) for rule in candidates}) == 1 for older in roles):
        who = "older" if True in roles else "newer"
        return f"Only the {who} member offers by itself, and these rules act alike in that case."
    return ""


# --- in words ------------------------------------------------------------------------------------------


def sentence(seen: Observation) -> str:
    """Return one observation as a sentence."""
    where = f" (step {seen.step})" if seen.step else ""
    return f"{_clause(seen)}{where}."


def _clause(seen: Observation) -> str:
    if isinstance(seen, Shows):
        return seen.how or f"The value was {seen.value}"
    if isinstance(seen, Numbers):
        return f"Messages of member {seen.who} had {', '.join(map(str, seen.counters[:12]))} at offset 8"
    if isinstance(seen, Works):
        return f"Member {seen.who} connected after our messages in this form"
    if isinstance(seen, Unfit):
        how = "refused by the server" if seen.how == "refused" else "ignored"
        return f"Our message to member {seen.who} in another form was {how}"
    older = "older" if seen.older else "newer"
    if isinstance(seen, OfferBehaviour):
        size = "smaller" if seen.smaller else "larger"
        did = "offered by itself" if seen.offered else "did not offer by itself"
        return f"Member {seen.who}, {older} than us, with a {size} account id, {did} within {seen.waited_s:.1f} s"
    did = "answered our offer" if seen.answered else "ignored our offer"
    return f"Member {seen.who}, {older} than us, {did} while its own offer was pending"
