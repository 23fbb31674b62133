"""The findings as lines for a person, and as data."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import msgspec

from cli.machine.doctor.check import SEVERITIES, CheckFinding, exit_code, in_order
from cli.shared.terminal import Style, counted, listed, printable

FORMAT = 1
"""Of `--json`. A change that breaks readers raises it."""
_COLOUR = {"error": "red", "warning": "yellow", "cannot tell": "cyan", "note": "cyan", "ok": "green"}
_INDENT = " " * 13
_SMALLEST = 40


def lines(findings: Sequence[CheckFinding], style: Style, room: int) -> list[str]:
    """Return what to do in its order, then what is in order, for a terminal of `room` columns."""
    out: list[str] = []
    for found in in_order(findings):
        mark = style(f"{found.severity:<13}", _COLOUR[found.severity])
        sentence = printable(found.sentence)
        if found.severity == "ok":
            out.append(f"{mark}{found.title}: {sentence}")
            continue
        out += [f"{mark}{style(found.title, 'bold')}", *_wrapped(sentence, room)]
        if found.remedy:
            out += [style(line, "bold") for line in _wrapped(f"→ {printable(found.remedy)}", room)]
    return [*out, "", summary(findings)]


def _wrapped(text: str, room: int) -> list[str]:
    return textwrap.wrap(
        text, max(room, _SMALLEST), initial_indent=_INDENT, subsequent_indent=_INDENT, break_on_hyphens=False
    )


def summary(findings: Sequence[CheckFinding]) -> str:
    counts = {severity: sum(found.severity == severity for found in findings) for severity in SEVERITIES}
    told = [counted(counts["error"], "error"), counted(counts["warning"], "warning"), counted(counts["note"], "note")]
    if counts["cannot tell"]:
        told.append(f"{counts['cannot tell']} that cannot be told")
    ending = "" if exit_code(findings) else " Nothing stands in the way."
    return f"{counted(len(findings), 'check')}: {listed(told)}.{ending}"


def as_data(findings: Sequence[CheckFinding], *, at: float, offline: bool) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "at": at,
        "offline": offline,
        "exit_code": exit_code(findings),
        "findings": [msgspec.to_builtins(found) for found in in_order(findings)],
    }
