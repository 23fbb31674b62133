"""The output of `partyline miranda`, for people and as plain values for ``--json``.

Every text from outside passes `Shown`, which redacts passwords and tokens unless asked not to, and removes terminal
control characters.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from cli.miranda.diff import MessageDifference
from cli.miranda.pasted import Pasted
from cli.shared.terminal import Cell, Style, Table, counted, printable
from common.log import logs
from common.psn.miranda.header import fields
from common.psn.sdp import dialect
from common.psn.sdp.dialect import Finding

_COLOURS = {"error": "red", "warning": "yellow", "note": "dim"}
_MEANINGS = {
    "group": "sections on one connection",
    "extmap-allow-mixed": "one- and two-byte extension headers may be mixed",
    "msid-semantic": "WebRTC media streams",
    "rtcp": "unused: RTCP is multiplexed",
    "candidate": "address of the sender",
    "ice-ufrag": "ICE user fragment",
    "ice-pwd": "ICE password",
    "ice-options": "candidates may follow (none do)",
    "fingerprint": "the DTLS certificate's hash",
    "setup": "DTLS role",
    "mid": "name of the section",
    "extmap": "RTP header extension",
    "sendrecv": "speaks and listens",
    "sendonly": "only speaks",
    "recvonly": "only listens",
    "inactive": "neither speaks nor listens",
    "msid": "stream and track",
    "rtcp-mux": "RTCP on the same port",
    "rtcp-rsize": "short RTCP allowed",
    "rtpmap": "payload type",
    "fmtp": "codec parameters",
    "ptime": "ms of sound per packet",
    "ssrc": "number of the stream",
    "sctp-port": "port of the data channel",
    "max-message-size": "data channel, in bytes",
}
_LINES = {"v": "version", "o": "origin", "s": "name", "t": "times", "c": "default address", "m": "section"}


class Shown:
    """Makes text safe to show. `secrets`: show ICE passwords and tokens too."""

    def __init__(self, *, secrets: bool) -> None:
        self._secrets = secrets

    def __call__(self, text: str) -> str:
        return printable(self.plain(text))

    def plain(self, text: str) -> str:
        return text if self._secrets else logs.redact(text)

    def value(self, value: Any) -> Any:
        return value if self._secrets else logs.clean(value)


# --- plain values ------------------------------------------------------------------------------------


def as_json(found: Pasted, shown: Shown) -> dict[str, Any]:
    """Return everything that `decode` reports."""
    return {
        "kind": found.kind,
        "around": shown.value(found.around),
        "header": [msgspec.to_builtins(field) for field in fields(found.body)] if found.body is not None else None,
        "message": shown.value(found.message),
        "sdp": [{"section": s, "line": shown.plain(line)} for s, line in _lines(found.sdp)] if found.sdp else None,
        "wrong": found.wrong,
        "dialect": findings_json(found, shown),
    }


def findings_json(found: Pasted, shown: Shown) -> dict[str, Any] | None:
    if found.sdp is None:
        return None
    return {
        "kind": kind_of(found),
        "flavour": dialect.flavour_of(found.sdp),
        "findings": [
            {"severity": f.severity, "where": f.where, "rule": f.rule, "message": shown.plain(f.message)}
            for f in findings(found)
        ],
    }


def difference_json(difference: MessageDifference, shown: Shown) -> dict[str, str | None]:
    left, right = _sides(difference, shown)
    return {"part": difference.part, "where": difference.where, "left": left, "right": right}


def kind_of(found: Pasted) -> dialect.Kind:
    """Return the kind that the message gives its description, else a guess from its text."""
    kind = found.message.get("type") if isinstance(found.message, dict) else None
    if kind == "offer":
        return "offer"
    return "answer" if kind == "answer" else dialect.kind_of(found.sdp or "")


def findings(found: Pasted) -> list[Finding]:
    return dialect.lint(found.sdp, kind_of(found)) if found.sdp is not None else []


# --- for people --------------------------------------------------------------------------------------


def as_text(found: Pasted, style: Style, shown: Shown) -> list[str]:
    """Return the lines that `decode` prints."""
    lines = [style(found.kind[0].upper() + found.kind[1:], "bold")]
    lines += [f"  {key:<9}{shown(value)}" for key, value in found.around.items()]
    if found.body is not None:
        lines += ["", style(f"Header ({counted(len(found.body), 'byte')} in all)", "bold"), *_header(found.body, style)]
    if found.message is not None:
        lines += ["", style("JSON", "bold"), *_message(found.message, shown)]
    if found.sdp is not None:
        lines += ["", style(f"SDP ({kind_of(found)})", "bold"), *_sdp(found.sdp, style, shown)]
        lines += ["", *findings_text(found, style, shown)]
    if found.wrong:
        lines += ["", style("Faults", "bold"), *(f"  {style(shown(text), 'red')}" for text in found.wrong)]
    return lines


def _header(body: bytes, style: Style) -> list[str]:
    rows: list[list[Cell]] = [
        [
            str(field.offset),
            str(field.size),
            field.name,
            field.bytes,
            (printable(field.value), "" if field.usual else "red"),
            f"[{field.grade}]",
            field.meaning,
        ]
        for field in fields(body)
    ]
    if not rows:
        return ["  (empty)"]
    return Table(["offset", "size", "field", "bytes", "value", "grade", "meaning"], rows, "rr").lines(style)


def _message(message: Any, shown: Shown) -> list[str]:
    if isinstance(message, dict) and isinstance(message.get("sdp"), str):
        message = {**message, "sdp": f"({len(message['sdp'])} characters, see below)"}
    text = json.dumps(shown.value(message), ensure_ascii=False, indent=2)
    return [f"  {printable(line)}" for line in text.splitlines()]


def _lines(sdp: str) -> list[tuple[str, str]]:
    """Return (section, line) of every line in its order."""
    found = []
    for part in dialect.parts(sdp):
        found += [(part.kind, line) for line in ([part.first] if part.first else []) + part.lines]
    return found


def _sdp(sdp: str, style: Style, shown: Shown) -> list[str]:
    rows: list[list[Cell]] = []
    section = ""
    for kind, line in _lines(sdp):
        name, _, value = shown(line).partition(":" if line.startswith("a=") else "=")
        meaning = _MEANINGS.get(name.removeprefix("a="), "") if line.startswith("a=") else _LINES.get(name, "")
        rows.append(["" if kind == section else (printable(kind), "cyan"), name, (meaning, "dim"), value.strip()])
        section = kind
    return Table(["section", "line", "meaning", "value"], rows).lines(style) if rows else ["  (empty)"]


def findings_text(found: Pasted, style: Style, shown: Shown) -> list[str]:
    """Return the findings of the dialect's rules, as lines."""
    flavour = dialect.flavour_of(found.sdp or "")
    peers = "between members" if flavour == "peer" else "with the bridge"
    listed = findings(found)
    head = style(f"Dialect ({kind_of(found)} {peers})", "bold")
    if not listed:
        return [head, "  no difference from the app"]
    rows: list[list[Cell]] = [
        [(f.severity, _COLOURS[f.severity]), printable(f.where), f.rule, shown(f.message)] for f in listed
    ]
    return [head, *Table(["severity", "where", "rule", "what differs"], rows).lines(style)]


def differences_text(found: Sequence[MessageDifference], style: Style, shown: Shown) -> list[str]:
    """Return the lines that `diff` prints."""
    if not found:
        return ["No difference."]
    lines: list[str] = []
    place = ""
    for difference in found:
        now = f"{difference.part}, {difference.where}" if difference.part == "sdp" else difference.part
        if now != place:
            lines += ["", style(printable(now), "bold")] if lines else [style(printable(now), "bold")]
            place = now
        name = "" if difference.part == "sdp" else f"{printable(difference.where)}: "
        left, right = _sides(difference, shown)
        lines += [style(f"  - {name}{printable(left)}", "red")] if left is not None else []
        lines += [style(f"  + {name}{printable(right)}", "green")] if right is not None else []
    return lines


def _sides(difference: MessageDifference, shown: Shown) -> tuple[str | None, str | None]:
    """Return both sides safe to show, marked if redaction makes them equal."""
    left, right = ("" if side is None else shown.plain(side) for side in (difference.left, difference.right))
    if difference.left is not None and difference.right is not None and left == right:
        left, right = f"{left} (one)", f"{right} (another)"
    return (None if difference.left is None else left), (None if difference.right is None else right)
