"""The view of one bus message in `partyline tap`. No I/O, no clock."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import msgspec

from cli.shared.terminal import Style, printable, safe_json
from common.log import logs
from common.messages.wire import Received

LONGEST = 160
"""Longest field in the plain form, in characters."""
_BODY = re.compile(r"(?<=body=)[A-Za-z0-9+/=_-]{64,}")
"""A miranda payload, which is base64 of an SDP with its ICE password."""
_PAYLOAD = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{400,}={0,2}")


def fields(received: Received) -> dict[str, Any] | None:
    """Return the message as plain data without secrets, or None for a cleared retained message."""
    if received.message is None:
        return None
    cleaned: dict[str, Any] = logs.clean(msgspec.to_builtins(received.message))
    return {key: _without_bodies(value) for key, value in cleaned.items()}


def _without_bodies(value: Any) -> Any:
    if isinstance(value, str):
        return _PAYLOAD.sub(_size, _BODY.sub(_size, value))
    if isinstance(value, dict):
        return {key: _without_bodies(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_bodies(item) for item in value]
    return value


def _size(found: re.Match[str]) -> str:
    return f"[{len(found[0])} characters of base64]"


def as_json(received: Received) -> str:
    """Return one JSON line."""
    header = received.header
    line = {
        "at": header.at,
        "sender": header.sender,
        "boot": header.boot,
        "seq": header.seq,
        "caused_by": header.caused_by,
        "topic": received.topic,
        "message": fields(received),
    }
    return safe_json(json.dumps(line, ensure_ascii=False))


def as_text(received: Received, style: Style) -> str:
    """Return one line with time, sender, topic, and fields that differ from their default."""
    at = received.header.at
    clock = time.strftime("%H:%M:%S", time.localtime(at)) + f".{int(at % 1 * 1000):03d}"
    head = f"{style(clock, 'dim')}  {printable(received.header.sender):<10}  {style(printable(received.topic), 'cyan')}"
    found = fields(received)
    if found is None:
        return f"{head}  {style('cleared', 'yellow')}"
    shown = {key: value for key, value in found.items() if not _is_default(received, key)}
    return "  ".join([head, *(f"{style(key + '=', 'dim')}{_short(key, value)}" for key, value in shown.items())])


def _is_default(received: Received, key: str) -> bool:
    for field in msgspec.structs.fields(received.cls):
        if field.name == key:
            default = field.default if field.default is not msgspec.NODEFAULT else _made(field)
            return bool(getattr(received.message, key) == default)
    return False


def _made(field: msgspec.structs.FieldInfo) -> Any:
    return field.default_factory() if callable(field.default_factory) else msgspec.NODEFAULT


def _short(key: str, value: Any) -> str:
    if key == "sdp" and isinstance(value, str):
        return sdp_summary(value)
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.3f}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = printable(text)
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}… ({len(text)} characters)"
    return json.dumps(text, ensure_ascii=False) if isinstance(value, str) and (" " in text or not text) else text


def sdp_summary(sdp: str) -> str:
    """Return a short summary of an SDP."""
    found = sdp.splitlines()
    media = [line[2:].split()[0] for line in found if line.startswith("m=") and len(line) > 2 and line[2:].split()]
    codecs = [line.split()[-1] for line in found if line.startswith("a=rtpmap:") and " " in line]
    setup = next((line.removeprefix("a=setup:") for line in found if line.startswith("a=setup:")), "?")
    candidates = sum(line.startswith("a=candidate:") for line in found)
    codec = f", {codecs[0]}" if codecs else ""
    return printable(f"<{len(found)} lines: {'+'.join(media)}{codec}, setup {setup}, {candidates} candidates>")
