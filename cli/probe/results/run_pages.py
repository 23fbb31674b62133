"""The pages of a run for people. No I/O."""

from __future__ import annotations

from collections import Counter
from typing import Any

from captures.model import Capture
from captures.tell.markdown import cell, code, table
from captures.tell.schema import merged
from captures.tell.signals import descriptions, dialect_table, header_table, message_table, signals
from cli.probe.results.run_calls import LIMIT
from cli.probe.results.run_record import RunRecord


def page(record: RunRecord) -> str:
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
        f"{record.beyond_ladder} calls in the busiest 15 min without messages to members and bridges (limit {LIMIT}).",
        "Ids, names, addresses and reference ids are fake. `partyline trace` has the real reference ids.",
        "",
        "## Results",
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
        "Decoded messages and session descriptions are in `protocol.md`.",
    ]
    return "\n".join(lines).rstrip() + "\n"


def _how(record: RunRecord) -> str:
    if record.rehearsal:
        return f"A rehearsal against the simulator with seed {record.seed}. It shows nothing of Sony's servers."
    ended = "The run was completed." if record.finished else "The run was not completed."
    left = {True: "PlayStation confirmed the leave.", False: "**The leave was not confirmed.**", None: ""}
    return f"{ended} {left[record.left]}".strip()


def _findings(record: RunRecord) -> list[str]:
    rows = []
    for one in record.findings:
        why = " ".join([*one.evidence[:3], one.remark])
        rows.append([code(one.name), one.state, ", ".join(map(code, one.candidates)), cell(why)])
    return table(["unknown", "state", "value", "evidence"], rows)


def _drawn(record: RunRecord) -> list[str]:
    if not record.drawn:
        return []
    rows = [[code(one.name), code(one.way), one.found] for one in record.drawn]
    return ["## Drawn values", "", *table(["unknown", "drawn", "the run"], rows)]


def _steps(record: RunRecord) -> list[str]:
    rows = []
    for step in record.steps:
        seen, error = " ".join(step.told), f"{step.code} {step.said}".strip()
        rows.append([cell(step.title), step.state, f"{step.at:.1f} s", f"{step.took:.1f} s", cell(seen), cell(error)])
    return table(["step", "state", "at", "took", "observations", "error"], rows)


def _calls(record: RunRecord) -> list[str]:
    rows = [
        [f"{one.at:.1f} s", code(one.call), one.status or "none", one.ms, one.code or "", cell(one.said), one.step]
        for one in record.calls
    ]
    return table(["at", "call", "status", "ms", "code", "reply", "step"], rows)


# --- messages and events, taken apart ------------------------------------------------------------------


def protocol(capture: Capture) -> str:
    """Return `protocol.md`, with the shapes of frames, dialects and events. Values are in the capture's own files."""
    found = signals(capture)
    lines = [
        "# Messages and events of this run",
        "",
        "Ids and names are fake. `partyline capture report` on this folder shows more.",
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
