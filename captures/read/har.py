"""A reader for HAR files (HTTP Archive 1.2). It reads only the fields named here, not comments, pages and the like."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from captures.model import RawExchange, RawFrame
from common.psn.shapes import as_dict, as_int, as_list, as_text


def read(text: str) -> tuple[list[RawExchange], str]:
    """Return the exchanges of a HAR, and a description of its damage ("" if none)."""
    try:
        entries = as_list(as_dict(as_dict(json.loads(text)).get("log")).get("entries"))
        damage = ""
    except (ValueError, RecursionError) as error:
        entries, damage = _entries_of(text), f"the file is damaged or cut off ({str(error)[:80]})"
        damage += f"; {len(entries)} exchanges before it stay" if entries else ""
    found, bad = [], 0
    for entry in entries:
        try:
            found.append(_exchange(as_dict(entry)))
        except (ValueError, OverflowError):
            bad += 1
    if bad:
        damage += f"{'; ' if damage else ''}{bad} exchanges cannot be understood"
    return found, damage


def _entries_of(text: str) -> list[Any]:
    """Return the complete entries of a truncated HAR."""
    start = text.find('"entries"')
    at = text.find("[", start) + 1 if start >= 0 else 0
    decoder, found = json.JSONDecoder(), []
    while at > 0:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        try:
            entry, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        found.append(entry)
    return found


def _exchange(entry: dict[str, Any]) -> RawExchange:
    request, response = as_dict(entry.get("request")), as_dict(entry.get("response"))
    url = as_text(request.get("url"))
    if not url:
        raise ValueError("an entry without a URL")
    at = (
        datetime.fromisoformat(as_text(entry.get("startedDateTime"))).timestamp()
        if entry.get("startedDateTime")
        else 0.0
    )
    took = entry.get("time")
    return RawExchange(
        method=as_text(request.get("method")).upper(),
        url=url,
        at=at,
        took=took / 1000 if isinstance(took, int | float) and 0 < took < 1e9 else 0.0,
        headers=_headers(request),
        body=_post(as_dict(request.get("postData"))),
        status=as_int(response.get("status")),
        answer_headers=_headers(response),
        answer=_content(as_dict(response.get("content"))),
        frames=[_frame(as_dict(frame)) for frame in as_list(entry.get("_webSocketMessages"))],
    )


def _headers(message: dict[str, Any]) -> list[tuple[str, str]]:
    return [(as_text(h.get("name")), as_text(h.get("value"))) for h in map(as_dict, as_list(message.get("headers")))]


def _post(data: dict[str, Any]) -> bytes:
    text = as_text(data.get("text"))
    if text:
        return _bytes(text, as_text(data.get("encoding")))
    pairs = [(as_text(p.get("name")), as_text(p.get("value"))) for p in map(as_dict, as_list(data.get("params")))]
    return "&".join(f"{name}={value}" for name, value in pairs).encode("utf-8", "replace")


def _content(data: dict[str, Any]) -> bytes:
    return _bytes(as_text(data.get("text")), as_text(data.get("encoding")))


def _bytes(text: str, encoding: str) -> bytes:
    if encoding == "base64":
        try:
            return base64.b64decode(text)
        except (binascii.Error, ValueError):
            return text.encode("utf-8", "replace")
    return text.encode("utf-8", "replace")


def _frame(data: dict[str, Any]) -> RawFrame:
    """Return a frame of Chrome's and mitmproxy's extension. Opcode 2 is binary, in base64."""
    text, time = as_text(data.get("data")), data.get("time")
    return RawFrame(
        at=float(time) if isinstance(time, int | float) else 0.0,
        from_client=data.get("type") == "send",
        data=_bytes(text, "base64") if data.get("opcode") == 2 else text,
    )
