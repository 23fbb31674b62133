"""A check: how its evidence is measured, and how that is judged. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar, get_args

import msgspec

from cli.machine.doctor.surroundings import Surroundings

Severity = Literal["error", "warning", "cannot tell", "note", "ok"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""The worst first."""
WARNINGS, ERRORS = 4, 5
"""Exit codes of `partyline doctor`. 1 to 3 have the meaning that they have for every command."""
WAIT_S = 10.0
"""Usual time limit of a check, for a machine that is busy: the slowest usual one takes 1 s on a free one."""


class CheckEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """The base of what a probe measured. `--json` shows every field."""


@dataclass(frozen=True)
class CheckVerdict:
    severity: Severity
    sentence: str
    remedy: str = ""


E = TypeVar("E", bound=CheckEvidence)


@dataclass(frozen=True)
class Check(Generic[E]):
    id: str
    title: str
    measure: Callable[[Surroundings], E]
    """Checks with the same probe share one measurement."""
    judge: Callable[[E], CheckVerdict]
    only_on: str = ""
    """A value of `sys.platform`, or empty for all."""
    contacts: bool = False
    """Whether it contacts other machines. `--offline` leaves it out."""
    wait_s: float = WAIT_S


class CheckFinding(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one check."""

    id: str
    title: str
    severity: Severity
    sentence: str
    remedy: str
    evidence: dict[str, Any]


def finding(check: Check[Any], verdict: CheckVerdict, evidence: CheckEvidence | None) -> CheckFinding:
    measured = msgspec.to_builtins(evidence) if evidence is not None else {}
    return CheckFinding(
        id=check.id,
        title=check.title,
        severity=verdict.severity,
        sentence=verdict.sentence,
        remedy=verdict.remedy,
        evidence=measured,
    )


def in_order(findings: Iterable[CheckFinding]) -> list[CheckFinding]:
    """Return the findings in the order of what to do first: by severity, then as in the catalogue."""
    return sorted(findings, key=lambda found: SEVERITIES.index(found.severity))


def exit_code(findings: Iterable[CheckFinding]) -> int:
    worst = {found.severity for found in findings}
    return ERRORS if "error" in worst else WARNINGS if "warning" in worst else 0
