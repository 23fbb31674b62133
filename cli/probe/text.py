"""A run as a page for people. No I/O."""

from __future__ import annotations

from captures.markdown import cell, code, table
from cli.probe.calls import LIMIT
from cli.probe.record import Record


def page(record: Record) -> str:
    """Return `probe.md`."""
    versions = record.versions
    lines = [
        f"# A run of `partyline probe`, {record.date}",
        "",
        f"partyline {versions.partyline}, Python {versions.python}, {versions.system}"
        + "".join(f", {name} {value}" for name, value in sorted(versions.libraries.items()))
        + ".",
        "",
        _how(record),
        "",
        f"{record.beyond_ladder} calls in the busiest 15 minutes besides messages to members; a run allows itself {LIMIT}.",
        "Ids, names, addresses and reference ids in this folder are made up; `partyline trace` has the real reference ids.",
        "",
        "## What is settled",
        "",
        *_findings(record),
        *_drawn(record),
        "## Steps",
        "",
        *_steps(record),
        "## Calls",
        "",
        *_calls(record),
        "## Settings that are not the default",
        "",
        *([f"- {code(name)}: {cell(value)}" for name, value in sorted(record.settings.items())] or ["None."]),
        "",
        "Messages and session descriptions, taken apart, are in `protocol.md`.",
    ]
    return "\n".join(lines).rstrip() + "\n"


def _how(record: Record) -> str:
    if record.rehearsal:
        return f"A rehearsal against the simulator, seed {record.seed}: nothing in it says anything of Sony's servers."
    ended = "It was taken to its end." if record.finished else "It was not taken to its end."
    left = {True: "The party was left, confirmed by PlayStation.", False: "**The leave was not confirmed.**", None: ""}
    return f"{ended} {left[record.left]}".strip()


def _findings(record: Record) -> list[str]:
    rows = [
        [
            code(one.name),
            one.state,
            ", ".join(map(code, one.candidates)),
            cell(" ".join([*one.evidence[:3], one.remark])),
        ]
        for one in record.findings
    ]
    return table(["unknown", "state", "value", "what speaks for it"], rows)


def _drawn(record: Record) -> list[str]:
    if not record.drawn:
        return []
    rows = [[code(one.name), code(one.way), one.found] for one in record.drawn]
    return ["## What was drawn", "", *table(["unknown", "drawn", "the run"], rows)]


def _steps(record: Record) -> list[str]:
    rows = [
        [
            cell(step.title),
            step.state,
            f"{step.at:.1f} s",
            f"{step.took:.1f} s",
            cell(" ".join(step.told)),
            cell(step.code),
        ]
        for step in record.steps
    ]
    return table(["step", "state", "at", "took", "what was seen", "error"], rows)


def _calls(record: Record) -> list[str]:
    rows = [
        [f"{one.at:.1f} s", code(one.call), one.status or "none", one.ms, one.code or "", cell(one.said), one.step]
        for one in record.calls
    ]
    return table(["at", "call", "status", "ms", "code", "said", "step"], rows)
