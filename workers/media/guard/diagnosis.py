"""The reason why a connection did not come up: one sentence, matching advice, and the full record. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from common.system import local_network
from workers.media.guard.handshake import Handshake

Cause = Literal[
    "no network here",
    "no candidates",
    "local network",
    "unreachable",
    "one-way",
    "never chosen",
    "DTLS silent",
    "DTLS refused",
    "no suite",
    "DTLS stopped",
    "another certificate",
    "no SRTP",
    "ended",
]

_RETRIED = "The connection is retried automatically."
_NETWORK = f"Another network often helps. Mobile hotspots seldom let peers through. {_RETRIED}"
_FIREWALL = f"Check whether a firewall or VPN on this machine blocks Python's UDP. {_NETWORK}"
_OURS = f"The network is not to blame. {_RETRIED} For a bug report, attach the output of `partyline trace --refused`."
_ADVICE: dict[Cause, str] = {
    "no network here": f"Connect this machine to a network. {_RETRIED}",
    "no candidates": _NETWORK,
    "local network": local_network.remedy(),
    "unreachable": _FIREWALL,
    "one-way": _FIREWALL,
    "never chosen": _OURS,
    "DTLS silent": _OURS,
    "DTLS refused": _OURS,
    "no suite": "The network is not to blame. The next offer asks for the other DTLS role, which should work.",
    "DTLS stopped": _OURS,
    "another certificate": _OURS,
    "no SRTP": _OURS,
    "ended": _RETRIED,
}


@dataclass(frozen=True)
class ConnectionFacts:
    """The facts about one connection. Candidates are given by type and family, without addresses."""

    ours: bool
    """Whether it was made by the local offer."""
    seconds: dict[str, float]
    """Seconds since the start at which each phase began or ended: ``described``, ``ice``, ``ice up``, ``dtls``,
    ``dtls up``, ``ended``. A phase that was not reached is missing."""
    local: tuple[str, ...] = ()
    remote: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    """Each with its outcome."""
    lite: bool = False
    lan_refused_by: str = ""
    """The error by which this machine refuses sends into the local network, e.g. ``EHOSTUNREACH``. Empty if none."""
    checks: int = 0
    """The peer's STUN requests that knew our password."""
    replies: int = 0
    """The peer's STUN replies."""
    dropped: dict[str, int] = field(default_factory=dict)
    """Datagrams dropped by the gate, by reason."""
    fault: str = ""
    """The latest exception that the gate caught."""
    handshake: Handshake = field(default_factory=Handshake)


@dataclass(frozen=True)
class Diagnosis:
    cause: Cause
    sentence: str
    advice: str
    tried_s: float
    """How long it was tried."""
    record: dict[str, Any]
    """All facts, fit for a log and a bug report."""


def diagnose(facts: ConnectionFacts) -> Diagnosis:
    """Return why this connection is not up."""
    cause, sentence = _dtls(facts) if "ice up" in facts.seconds else _ice(facts)
    record = {"cause": cause, **asdict(facts)}
    record["seconds"] = {name: round(value, 2) for name, value in facts.seconds.items()}
    tried_s = facts.seconds.get("ended", 0.0) - facts.seconds.get("described", 0.0)
    return Diagnosis(cause, sentence, _ADVICE[cause], tried_s, record)


def unreachable_problem(failing: Mapping[str, Diagnosis | None]) -> tuple[str, str]:
    """Return message and remedy for unreachable members, by name. None means that the member never answered."""
    by_cause: dict[str, list[str]] = {}
    for name, why in sorted(failing.items()):
        by_cause.setdefault(why.sentence if why else "", []).append(name)
    each = [f"{', '.join(names)}{f' ({sentence})' if sentence else ''}" for sentence, names in by_cause.items()]
    advice = dict.fromkeys(why.advice for why in failing.values() if why is not None)
    return f"No connection to {'; '.join(each)} after several tries.", " ".join(advice) or _NETWORK


def _ice(facts: ConnectionFacts) -> tuple[Cause, str]:
    tried = f"{len(facts.pairs)} pair{'' if len(facts.pairs) == 1 else 's'} of addresses tried"
    they, we = bool(facts.checks), bool(facts.replies)
    cases: list[tuple[object, Cause, str]] = [
        (not facts.local, "no network here", "this machine has no address that can be reached"),
        (
            not facts.pairs and not they,
            "no candidates",
            "no address of theirs can be reached from here, and nothing came from them",
        ),
        (
            facts.lan_refused_by and not we,
            "local network",
            f"this machine lets nothing out into its own network ({facts.lan_refused_by})",
        ),
        (they and we, "never chosen", f"{tried}: both sides reach each other, but no pair was chosen"),
        (they, "one-way", f"{tried}: they reach us, but nothing that we send gets a reply"),
        (we, "never chosen", f"{tried}: they reply, but never check or choose a pair themselves"),
    ]
    return _first(cases, ("unreachable", f"{tried}, nothing came back"))


def _dtls(facts: ConnectionFacts) -> tuple[Cause, str]:
    shake = facts.handshake
    up = f"the network is fine (ICE took {_took(facts, 'ice', 'ice up')}), but"
    kind = f" ({shake.certificate})" if shake.certificate else ""
    fatal = [alert.replace(" sent fatal:", " sent the alert") for alert in shake.alerts if "fatal" in alert]
    no_suite = shake.role == "server" and shake.offered and not any(_fits(suite) for suite in shake.offered)
    cases: list[tuple[object, Cause, str]] = [
        ("dtls up" in facts.seconds, "ended", "the connection ended"),
        (shake.mismatch, "another certificate", f"{up} their certificate{kind} is not the one that they announced"),
        (no_suite, "no suite", f"{up} DTLS failed: they offer no cipher suite for our kind of certificate (ECDSA)"),
        (fatal, "DTLS refused", f"{up} DTLS failed: {fatal[-1] if fatal else ''}{kind}"),
        (shake.done and not shake.srtp, "no SRTP", f"{up} no SRTP profile is known to both sides"),
        (not shake.came, "DTLS silent", f"{up} DTLS got no reply in {_took(facts, 'ice up', 'ended')}"),
    ]
    return _first(cases, ("DTLS stopped", f"{up} DTLS stopped half-way ({shake.state or 'unknown state'})"))


def _first(cases: Sequence[tuple[object, Cause, str]], otherwise: tuple[Cause, str]) -> tuple[Cause, str]:
    return next(((cause, sentence) for holds, cause, sentence in cases if holds), otherwise)


def _fits(suite: str) -> bool:
    """Return whether a suite works with our ECDSA certificate. An unknown suite may."""
    return "ECDSA" in suite or suite.startswith(("TLS_", "0x"))


def _took(facts: ConnectionFacts, begin: str, end: str) -> str:
    began, ended = facts.seconds.get(begin), facts.seconds.get(end)
    return f"{ended - began:.1f} s" if began is not None and ended is not None else "an unknown time"
