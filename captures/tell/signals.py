"""The voice signaling of a capture, with decoded miranda frames and every session description."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from captures.model import Capture
from captures.tell.markdown import cell, code, table
from common.psn.miranda.frames import BadMiranda, MirandaFrame, decode_payload
from common.psn.miranda.platforms import name_of
from common.psn.sdp import text as sdp_text


@dataclass(frozen=True)
class CapturedSignal:
    """One customMessage. If `frame` is None, `problem` says why it cannot be read."""

    where: str
    channel: str
    frame: MirandaFrame | None
    problem: str = ""


@dataclass(frozen=True)
class CapturedSdp:
    where: str
    kind: str
    text: str


def signals(capture: Capture) -> list[CapturedSignal]:
    """Return the customMessages of requests, answers and WebSocket messages, in that order."""
    return [_signal(where, entry) for where, body in _bodies(capture) for entry in _objects(body) if _is_message(entry)]


def descriptions(capture: Capture, found: list[CapturedSignal]) -> list[CapturedSdp]:
    """Return the descriptions in frames and those directly in bodies (the bridge's)."""
    inner = [
        CapturedSdp(s.where, s.frame.message.kind, s.frame.message.sdp)
        for s in found
        if s.frame and s.frame.message.sdp
    ]
    for where, body in _bodies(capture):
        for entry in _objects(body):
            for kind in ("offer", "answer"):
                value = entry.get(kind)
                if isinstance(value, dict) and isinstance(value.get("sdp"), str):
                    inner.append(CapturedSdp(where, f"bridge {kind}", value["sdp"]))
    return inner


def _bodies(capture: Capture) -> Iterator[tuple[str, Any]]:
    for exchange in capture.exchanges:
        for message in (exchange.request, exchange.response):
            if message.body.kind == "json":
                yield f"exchange {exchange.n}", message.body.data
    for number, frame in enumerate(capture.frames):
        if frame.body.kind == "json":
            yield f"frame {number}", frame.body.data


def _objects(data: Any, depth: int = 12) -> Iterator[dict[str, Any]]:
    if depth == 0:
        return
    if isinstance(data, dict):
        yield data
    for item in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _objects(item, depth - 1)


def _is_message(entry: dict[str, Any]) -> bool:
    return isinstance(entry.get("channel"), str) and isinstance(entry.get("payload"), str)


def _signal(where: str, entry: dict[str, Any]) -> CapturedSignal:
    try:
        return CapturedSignal(where, entry["channel"], decode_payload(entry["payload"]))
    except BadMiranda as error:
        return CapturedSignal(where, entry["channel"], None, error.message)


def header_table(found: list[CapturedSignal]) -> list[str]:
    """Return a table of the header's fields, with a column for each field and a row for each message."""
    rows: list[list[object]] = []
    for signal in found:
        frame = signal.frame
        if frame is None:
            rows.append([signal.where, code(signal.channel), cell(signal.problem), *[""] * 8])
            continue
        rows.append(
            [
                signal.where, code(signal.channel), frame.message.kind, code(frame.version.hex(" ")), frame.reserved_4,
                frame.counter, frame.reserved_12, code(frame.sender_account_id),
                f"{frame.sender_platform} ({cell(name_of(frame.sender_platform))})", code(frame.reserved_28.hex()),
                code(frame.prefix.strip()),
            ]
        )  # fmt: skip
    return table(
        ["where", "channel", "type", "0: version", "4", "8: counter", "12", "16: account", "24: platform", "28", "44"],
        rows,
    )


def message_table(found: list[CapturedSignal]) -> list[str]:
    rows = []
    for signal in found:
        if signal.frame is None:
            continue
        message = signal.frame.message
        to = f"{message.recipient.account_id} ({message.recipient.platform})" if message.recipient else ""
        own = "yes" if message.sender.account_id == signal.frame.sender_account_id else "**no**"
        rows.append(
            [
                signal.where, message.kind, code(message.sender.account_id), own, code(to), message.global_seq_num,
                code(message.sdp_sequence_number), ", ".join(code(key) for key in message.extra),
            ]
        )  # fmt: skip
    return table(
        ["where", "type", "from", "is the header's", "to", "global_seq_num", "sdp_sequence_number", "other keys"], rows
    )


_CHANGING = frozenset("candidate ice-ufrag ice-pwd fingerprint ssrc msid".split())  # noqa: SIM905  # a list of words


def dialect(text: str) -> dict[str, list[str]]:
    """Return attribute (``audio rtpmap``) → its values, with "…" for those that differ in each description.

    Raises `common.psn.sdp.text.BadSdp`.
    """
    description = sdp_text.parse(text)
    found: dict[str, list[str]] = {"group": [" ".join(description.bundle)]}
    for section in description.sections:
        found[f"{section.kind} m="] = [f"{section.protocol} {' '.join(section.formats)}"]
        for name, value in section.attributes:
            shown = "…" if name in _CHANGING else value or "yes"
            values = found.setdefault(f"{section.kind} {name}", [])
            if shown not in values:
                values.append(shown)
    return found


def dialect_table(found: list[CapturedSdp]) -> list[str]:
    columns: list[tuple[CapturedSdp, dict[str, list[str]]]] = []
    problems = []
    for sdp in found:
        try:
            columns.append((sdp, dialect(sdp.text)))
        except sdp_text.BadSdp as error:
            problems.append(f"The description in {sdp.where} cannot be read: {cell(error.message)}.")
    columns = columns[:8]
    names = list(dict.fromkeys(name for _, told in columns for name in told))
    head = ["attribute", *(f"{sdp.kind} ({sdp.where})" for sdp, _ in columns)]
    rows = [[code(name), *("; ".join(code(v) for v in told.get(name, [])) for _, told in columns)] for name in names]
    return [*table(head, rows), *problems, *([""] if problems else [])]
