"""Judgements about processes of partyline on this machine, and what the running pipeline says."""

from __future__ import annotations

import msgspec

from cli.machine.doctor.check import SEVERITIES, CheckEvidence, CheckVerdict, Severity


class Leftover(msgspec.Struct, frozen=True, kw_only=True):
    pid: int
    worker: str


class Processes(CheckEvidence, frozen=True, kw_only=True):
    leftovers: tuple[Leftover, ...] = ()
    """Workers of this home without a supervisord above them."""
    others: dict[str, int] = msgspec.field(default_factory=dict)
    """Another home → the number of its workers."""
    hidden: int = 0
    """Workers whose home cannot be read, since they are another user's."""


def leftovers(found: Processes) -> CheckVerdict:
    if not found.leftovers:
        return CheckVerdict("ok", "No process is left over.")
    which = ", ".join(f"{one.worker} ({one.pid})" for one in found.leftovers)
    return CheckVerdict(
        "warning",
        f"Left over from an earlier run, without a supervisord: {which}.",
        f"End them: `kill {' '.join(str(one.pid) for one in found.leftovers)}`.",
    )


def others(found: Processes) -> CheckVerdict:
    if not found.others and not found.hidden:
        return CheckVerdict("ok", "No other partyline runs on this machine.")
    homes = [*sorted(found.others), *(["one of another user"] if found.hidden else [])]
    return CheckVerdict(
        "note",
        f"Another partyline runs on this machine: {', '.join(homes)}.",
        "Each needs its own `[dashboard] port`, and its own account: PlayStation allows one party for each account.",
    )


class OpenProblem(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    severity: str
    message: str
    remedy: str


class Pipeline(CheckEvidence, frozen=True, kw_only=True):
    supervised: bool = False
    listens: bool = False
    """Whether a process has the broker's socket."""
    answers: bool = False
    """Whether the broker answered."""
    silent: tuple[str, ...] = ()
    """Workers without a recent heartbeat."""
    down: tuple[str, ...] = ()
    """Programs that supervisord does not run, or starts again and again."""
    spawn_errors: dict[str, str] = msgspec.field(default_factory=dict)
    problems: tuple[OpenProblem, ...] = ()
    facts: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    """What each worker says of itself."""


def pipeline(found: Pipeline) -> CheckVerdict:
    if not found.supervised and not found.listens:
        return CheckVerdict("ok", "The pipeline is not running.")
    if found.spawn_errors:
        name, why = min(found.spawn_errors.items())
        return CheckVerdict(
            "error", f"supervisord cannot start {name}: {why}.", "Run `make setup`, then `partyline up`."
        )
    if not found.answers:
        return CheckVerdict(
            "error", "The pipeline runs, but its broker does not answer.", "Run `partyline restart broker`."
        )
    if found.down or found.silent:
        names = ", ".join(sorted({*found.down, *found.silent}))
        return CheckVerdict("warning", f"These do not run: {names}.", "See `partyline status`, then the log of each.")
    return CheckVerdict("ok", "The pipeline is running, and every worker answers.")


def problems(found: Pipeline) -> CheckVerdict:
    if not found.problems:
        return CheckVerdict("ok", "The pipeline has no open problem.")
    known: list[OpenProblem] = sorted(found.problems, key=lambda one: SEVERITIES.index(_severity(one)))
    worst = known[0]
    more = f" (and {len(known) - 1} more, see `partyline status`)" if len(known) > 1 else ""
    return CheckVerdict(_severity(worst), f"{worst.message.rstrip('.')}{more}.", worst.remedy)


def _severity(problem: OpenProblem) -> Severity:
    return next((known for known in SEVERITIES if known == problem.severity), "error")
