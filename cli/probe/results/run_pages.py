"""The pages of a run for people. No I/O."""

from __future__ import annotations

from collections import Counter
from typing import Any

from captures.model import Capture
from captures.tell.markdown import cell, code, table
from captures.tell.schema import merged
from captures.tell.signals import descriptions, dialect_table, header_table, message_table, signals
from cli.probe.results.run_calls import LIMIT
from cli.probe.results.run_record import Record


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
        f"{record.beyond_ladder} calls in the busiest 15 min besides messages to members and bridges (of {LIMIT}).",
        "Ids, names, addresses and reference ids here are made up; `partyline trace` has the real reference ids.",
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
    rows = []
    for one in record.findings:
        why = " ".join([*one.evidence[:3], one.remark])
        rows.append([code(one.name), one.state, ", ".join(map(code, one.candidates)), cell(why)])
    return table(["unknown", "state", "value", "what speaks for it"], rows)


def _drawn(record: Record) -> list[str]:
    if not record.drawn:
        return []
    rows = [[code(one.name), code(one.way), one.found] for one in record.drawn]
    return ["## What was drawn", "", *table(["unknown", "drawn", "the run"], rows)]


def _steps(record: Record) -> list[str]:
    rows = []
    for step in record.steps:
        seen, error = " ".join(step.told), f"{step.code} {step.said}".strip()
        rows.append([cell(step.title), step.state, f"{step.at:.1f} s", f"{step.took:.1f} s", cell(seen), cell(error)])
    return table(["step", "state", "at", "took", "what was seen", "error"], rows)


def _calls(record: Record) -> list[str]:
    rows = [
        [f"{one.at:.1f} s", code(one.call), one.status or "none", one.ms, one.code or "", cell(one.said), one.step]
        for one in record.calls
    ]
    return table(["at", "call", "status", "ms", "code", "said", "step"], rows)


# --- messages and events, taken apart ------------------------------------------------------------------


def protocol(capture: Capture) -> str:
    """Return `protocol.md`, with the shapes of frames, dialects and events. Values are in the capture's own files."""
    found = signals(capture)
    lines = [
        "# Messages and events of this run",
        "",
        "Ids and names are made up. `partyline capture report` on this folder tells more.",
        "",
        "## Frames of messages",
        "",
        *header_table(found),
        *message_table(found),
        "## Session descriptions",
        "",
        *dialect_table(descriptions(capture, found)),
        "## Push events",
        "",
        *_events(capture),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _events(capture: Capture) -> list[str]:
    bodies: list[dict[str, Any]] = [one.body.data for one in capture.frames if isinstance(one.body.data, dict)]
    counts = Counter(str(body.get("dataType", "")) for body in bodies)
    rows = []
    for name, number in sorted(counts.items()):
        fields = merged(body for body in bodies if body.get("dataType", "") == name)
        rows.append([code(name), number, ", ".join(code(path.lstrip(".")) for path in fields)])
    return table(["dataType", "events", "fields"], rows)
