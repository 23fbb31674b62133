"""The report on a capture, in Markdown."""

from __future__ import annotations

from collections import Counter

from captures import calls
from captures.model import Capture, CapturedMessage, Exchange
from captures.tell.markdown import cell, code, fields_table, table
from captures.tell.schema import FieldShape, merged
from captures.tell.signals import descriptions, dialect_table, header_table, message_table, signals
from captures.tell.unexpected import unexpected
from common.psn.known import AUTH, DATA_TYPES, ENDPOINTS

MAX_TIMINGS = 200


def report(capture: Capture, name: str) -> str:
    """Return the report on a scrubbed capture."""
    found = signals(capture)
    sdps = descriptions(capture, found)
    new = unexpected(capture, found, sdps)
    lines = [
        f"# What {cell(name)} says",
        "",
        f"{capture.about.exchanges} exchanges, {capture.about.frames} WebSocket messages. Ids and names are made up.",
        *([f"**Damaged**: {cell(capture.about.damage)}.", ""] if capture.about.damage else [""]),
        "## What is new to the project",
        "",
        *(f"- {line}" for line in new),
        *(["Nothing: every call, field and value is as the project believes."] if not new else []),
        "",
        *_unseen(capture),
        "## Hosts",
        "",
        *_hosts(capture),
        "## Signing in",
        "",
        *_calls([e for e in capture.exchanges if _is_auth(e)]),
        "## Party, session and other calls",
        "",
        *_calls([e for e in capture.exchanges if not _is_auth(e)]),
        "## Push",
        "",
        *_push(capture),
        "## Voice signaling",
        "",
        "The header, by offset in bytes:",
        "",
        *header_table(found),
        *message_table(found),
        "## SDP dialect",
        "",
        *dialect_table(sdps),
        "## Timings",
        "",
        *_timings(capture),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _is_auth(exchange: Exchange) -> bool:
    known = calls.endpoint(exchange)
    return known in AUTH if known else "account" in exchange.host.split(".")


def _unseen(capture: Capture) -> list[str]:
    seen = {calls.name_of(exchange) for exchange in capture.exchanges}
    unseen = [entry.name for entry in ENDPOINTS if entry.name not in seen]
    return ["Known calls that this capture does not have: " + ", ".join(map(code, unseen)) + ".", ""] if unseen else []


def _hosts(capture: Capture) -> list[str]:
    counts = Counter(calls.host_of(exchange) for exchange in capture.exchanges)
    rows = [[code(host), number] for host, number in counts.most_common()]
    if capture.about.other_hosts:
        rows.append(["others (left out)", capture.about.other_hosts])
    return table(["host", "exchanges"], rows)


def _calls(exchanges: list[Exchange]) -> list[str]:
    groups: dict[tuple[str, str], list[Exchange]] = {}
    for exchange in exchanges:
        groups.setdefault((calls.host_of(exchange), calls.name_of(exchange)), []).append(exchange)
    if not groups:
        return ["Nothing in this capture.", ""]
    return [line for (host, name), some in groups.items() for line in _call(host, name, some)]


def _call(host: str, name: str, some: list[Exchange]) -> list[str]:
    statuses = ", ".join(f"{status or 'no answer'} ({n})" for status, n in Counter(e.status for e in some).items())
    lines = [f"### {code(name)}", "", f"On {code(host)}, {len(some)} times; status {statuses}.", ""]
    sections = (
        ("Request headers", _pairs([e.request.headers for e in some])),
        ("Query", _pairs([e.query for e in some])),
        ("Request body", _fields([e.request for e in some])),
        ("Answer headers", _pairs([e.response.headers for e in some])),
        ("Answer body", _fields([e.response for e in some])),
    )
    for title, fields in sections:
        if fields:
            lines += [f"{title}:", "", *fields_table(fields)]
    return lines


def _pairs(found: list[tuple[tuple[str, str], ...]]) -> dict[str, FieldShape]:
    return merged([dict(pairs) for pairs in found])


def _fields(messages: list[CapturedMessage]) -> dict[str, FieldShape]:
    """Return the merged schema of the messages with a body."""
    bodies = [m.body.data for m in messages if m.body.kind == "json"]
    bodies += [dict(m.body.parameters) for m in messages if m.body.kind == "form"]
    return merged(bodies)


def _push(capture: Capture) -> list[str]:
    bodies = [f.body.data for f in capture.frames if f.body.kind == "json" and isinstance(f.body.data, dict)]
    counts = Counter(str(body.get("dataType", f"(method {body.get('method')})")) for body in bodies)
    rows = [[code(name), number, cell(DATA_TYPES.get(name, ""))] for name, number in sorted(counts.items())]
    lines = table(["dataType", "messages", "tells"], rows)
    if bodies:
        lines += ["Their fields, all together:", "", *fields_table(merged(bodies))]
    return lines


def _timings(capture: Capture) -> list[str]:
    events = [(e.at, f"{e.took:.2f} s", calls.name_of(e), str(e.status)) for e in capture.exchanges]
    for frame in capture.frames:
        data = frame.body.data if isinstance(frame.body.data, dict) else {}
        told = str(data.get("dataType") or f"method {data.get('method', '?')}")
        events.append((frame.at, "", f"push from {frame.sender}: {told}", ""))
    events.sort(key=lambda event: event[0])
    rows = [[f"{at:.2f} s", took, code(what), status] for at, took, what, status in events[:MAX_TIMINGS]]
    lines = table(["at", "took", "what", "status"], rows)
    return lines if len(events) <= MAX_TIMINGS else [*lines, f"… and {len(events) - MAX_TIMINGS} more.", ""]
