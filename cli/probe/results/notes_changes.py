"""The changes of a run to notes/: bullets with their new wording and grade, and the answered open questions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from cli.probe.results.findings import UnknownResult
from cli.probe.results.run_record import RunRecord
from simulator.facts.declared import FACTS

OPEN_QUESTIONS = "open-questions.md"
_STEP = re.compile(r"step `([^`]+)`")

WORDS: dict[str, dict[str, str]] = {
    "frame.line": {
        "1/1/1": "The line before the JSON is `1/1/1`",
        "2/1/1": "The line before the JSON is `2/1/1`, as in 2020",
    },
    "frame.offset-8": {
        "one": "u32 at offset 8 is always 1",
        "counter": "u32 at offset 8 counts a sender's messages",
    },
    "sdp.ssrc": {
        "as-captured": "Descriptions carry ssrc lines, as captured",
        "none": "Descriptions carry no ssrc lines",
    },
    "sdp.answer-clock": {
        "16000": "An answer names 16000 as the clock of Opus",
        "48000": "An answer names 48000 as the clock of Opus",
    },
    "customdata4.place-1": {
        "empty": "Members connect while place 1 of their customData4 is empty",
        "number": "Members connect only once place 1 of their customData4 holds a number",
    },
    "headers.native": {
        "bare": "Native calls are accepted without x-psn headers",
        "full": "Native calls are refused without x-psn headers",
    },
    "offer.first": {
        "older": "The older member (the lower joinOrder) offers to the newcomer",
        "newer": "The newcomer offers to the earlier members",
        "smaller-account": "The member with the smaller account id offers",
        "both": "Both members of a pair offer",
        "nobody": "A console never offers by itself, it only answers",
    },
    "glare.rule": {
        "lower-yields": "In a glare the lower joinOrder answers, and drops its own offer",
        "higher-yields": "In a glare the higher joinOrder answers, and drops its own offer",
        "yields": "In a glare a console always answers, and drops its own offer",
        "never-yields": "In a glare a console never answers while its own offer is pending",
    },
    "rtp.clock": {"48000": "RTP timestamps count 48 kHz", "16000": "RTP timestamps count 16 kHz"},
    "frame.unfit": {
        "ignored": "A message in a form that is not understood is silently ignored",
        "refused": "A message in a form that is not understood is refused with 400",
    },
    "push.authorise": {
        "answered": "The server answers 1003 with the same method and tranId",
        "unanswered": "The server does not answer 1003",
    },
    "party.view-key": {
        "v2PartySessions": "The view answers under `v2PartySessions`",
        "partySessions": "The view answers under `partySessions`",
    },
    "party.view-timestamp": {
        "string": "`joinTimestamp` of the view is a string of milliseconds",
        "number": "`joinTimestamp` of the view is a number of milliseconds",
    },
    "party.left-cause-place": {
        "entry": "`leftEventCause` is in each entry of members:deleted",
        "event": "`leftEventCause` is in the event's own customProperties",
    },
}
"""Unknown → value → wording of the bullet in notes/."""


def changes(record: RunRecord, folder: Path) -> list[str]:
    """Return the lines that `partyline probe report` prints. `folder` is notes/."""
    if record.rehearsal:
        lines = [
            "This was a rehearsal, which shows nothing of Sony's servers. A real run would be reported like this:",
            "",
        ]
    else:
        lines = [f"Changes to notes/ by the run of {record.date}:", ""]
    settled = [one for one in record.findings if one.state == "settled" and one.evidence]
    for finding in settled:
        lines += [*_bullet(finding, record.date, folder), ""]
    rest = [one for one in record.findings if one not in settled]
    if rest:
        lines.append("Not settled:")
        lines += [f"  {one.name}: {one.state}{_left(one)}{'. ' + one.remark if one.remark else ''}" for one in rest]
        lines.append("")
    done = {step.name for step in record.steps if step.state == "done"}
    answered = list(_answered({one.name for one in settled} | done, folder))
    head = "Rows of notes/open-questions.md that are answered in whole or in part:"
    lines.append(head if answered else "No open question is answered.")
    return lines + [f"  {row}" for row in answered]


def _bullet(finding: UnknownResult, date: str, folder: Path) -> list[str]:
    note = FACTS[finding.name].note
    name, _, phrase = note.partition(": ")
    words = WORDS[finding.name][finding.candidates[0]]
    return [
        f"notes/{name}, {finding.name}",
        f"  now: {_present(folder / name, phrase)}",
        f"  new: {words} [seen] ({date}, `partyline probe`).",
        *(f"       {text}" for text in finding.evidence[:3]),
    ]


def _present(file: Path, phrase: str) -> str:
    try:
        lines = file.read_text("utf-8").splitlines()
    except OSError:
        return f"({file.name} cannot be read)"
    found = next((line.strip() for line in lines if phrase.casefold() in line.casefold()), "")
    return found or f"(no line has {phrase!r})"


def _left(finding: UnknownResult) -> str:
    return f", {finding.value}" if finding.evidence else ""


def _answered(found: set[str], folder: Path) -> Iterator[str]:
    """Yield the open questions whose named unknowns or steps are all in `found`."""
    try:
        rows = (folder / OPEN_QUESTIONS).read_text("utf-8").splitlines()
    except OSError:
        return
    for row in rows:
        named = {name for name in WORDS if f"`{name}`" in row} | set(_STEP.findall(row))
        if row.startswith("|") and named and named <= found:
            yield row.split("|")[1].strip()
