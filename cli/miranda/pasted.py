"""A parser for a pasted frame in any encoding, a request or push event around one, a message, or SDP.

Pure. An invalid frame is still decoded as far as possible, and `Pasted.wrong` lists its faults.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from typing import Any

from cli.shared.failures import CommandError
from common.psn.known import DATA_TYPES
from common.psn.miranda import frames
from common.psn.miranda.platforms import name_of
from common.psn.shapes import as_dict, as_id, as_list, as_platform, as_text

LONGEST = 1 << 20
_PAYLOAD = re.compile(r"ver=[^,=\s]{1,16},\s*type=[^,=\s]{1,32},\s*body=([A-Za-z0-9+/_=\s-]*)")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_DEEPEST = 24
_WHAT = "a payload (ver=…, type=…, body=…), base64 or hex of a frame, a customMessage request, a push event, or SDP"


@dataclass
class Pasted:
    """One parsed paste. `kind` says in words what it was."""

    kind: str
    body: bytes | None = None
    """The frame's bytes, or None without a frame."""
    message: Any = None
    """The frame's JSON as it came, or None if there is none or it is unreadable."""
    sdp: str | None = None
    around: dict[str, str] = field(default_factory=dict)
    """Fields of the request or event around the frame: channel, to, from, dataType …"""
    wrong: list[str] = field(default_factory=list)
    """Faults and inconsistencies."""


def read(text: str) -> Pasted:
    """Return the parsed `text`. Raises `CommandError` if its kind is unknown."""
    if len(text) > LONGEST:
        raise CommandError(f"The input has {len(text)} characters, over the limit of {LONGEST}.", f"Paste {_WHAT}.")
    bare = text.strip().lstrip("\ufeff")
    if not bare:
        raise CommandError("The input is empty.", f"Paste {_WHAT}.")
    if bare.startswith("v=0"):
        return Pasted("SDP", sdp=_unescaped(text.lstrip().lstrip("\ufeff")))
    if bare[0] in '{["' and (found := _of_json(bare)) is not None:
        return found
    if match := _PAYLOAD.search(bare):
        return _with_frame(Pasted("a payload"), _base64(match[1]))
    return _bare(bare)


def _bare(text: str) -> Pasted:
    close = "".join(text.replace("0x", "").split()).replace(":", "")
    if _HEX.fullmatch(close):
        return _with_frame(Pasted("hex"), bytes.fromhex(close))
    close = "".join(text.split())
    if _BASE64.fullmatch(close):
        body = _base64(close)
        if body.startswith(b"\x01\x00\x00") or len(body) >= frames.HEADER_BYTES:
            return _with_frame(Pasted("base64"), body)
    raise CommandError("The format of the input is not known.", f"Paste {_WHAT}.")


def _base64(text: str) -> bytes:
    plain = "".join(text.split()).rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise CommandError(
            f"The body is not base64: {error}.", "Copy the whole body, up to the end of its line."
        ) from error


def _unescaped(text: str) -> str:
    """Return `text` with a log's escapes of line ends undone. Real line ends stay."""
    return text.replace("\\r\\n", "\r\n").replace("\\n", "\n") if "\n" not in text.strip() else text


# --- JSON --------------------------------------------------------------------------------------------


def _of_json(text: str) -> Pasted | None:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if _deeper(data, _DEEPEST):
        raise CommandError(f"The JSON is nested deeper than {_DEEPEST} levels.", f"Paste {_WHAT}.")
    if isinstance(data, str):
        return read(data)
    custom = _find(data, "payload")
    if custom is not None:
        return _custom_message(data, custom)
    if isinstance(data, dict) and ("from" in data or "sdp_sequence_number" in data):
        return _checked(Pasted("a miranda message", message=data, sdp=_sdp_of(data)))
    described = _find(data, "sdp")
    if described is not None:
        return Pasted("SDP in JSON", sdp=described["sdp"])
    raise CommandError("The JSON contains neither a payload nor SDP.", f"Paste {_WHAT}.")


def _deeper(data: Any, levels: int) -> bool:
    if levels < 0:
        return True
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return any(_deeper(item, levels - 1) for item in inner)


def _find(data: Any, key: str) -> dict[str, Any] | None:
    """Return the first object below `data` in which `key` is a string."""
    if isinstance(data, dict) and isinstance(data.get(key), str):
        return data
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return next((found for item in inner if (found := _find(item, key)) is not None), None)


def _custom_message(data: Any, custom: dict[str, Any]) -> Pasted:
    outer = as_dict(data)
    event = "dataType" in outer or "data_type" in outer
    found = Pasted("a push event" if event else "a customMessage request")
    found.around = {"channel": as_text(custom.get("channel")), **_ends(outer, custom)}
    if event:
        data_type = as_text(outer.get("dataType") or outer.get("data_type"))
        found.around["dataType"] = data_type
        if data_type not in DATA_TYPES:
            found.wrong.append("The dataType is unknown.")
    found.around = {key: value for key, value in found.around.items() if value}
    if found.around.get("channel", frames.CHANNEL) != frames.CHANNEL:
        found.wrong.append(f"The channel is not {frames.CHANNEL}.")
    match = _PAYLOAD.search(custom["payload"])
    if match is None:
        found.wrong.append("The payload is not 'ver=…, type=…, body=<base64>'.")
        return found
    return _with_frame(found, _base64(match[1]))


def _ends(outer: dict[str, Any], custom: dict[str, Any]) -> dict[str, str]:
    """Return sender and recipient of the request or event, as ``account/platform``."""
    to = [as_dict(entry) for entry in as_list(custom.get("to"))] or [as_dict(outer.get("to"))]
    data = as_dict(as_dict(outer.get("body")).get("data")) or as_dict(outer.get("data"))
    sender = as_dict(as_dict(data.get("customProperties")).get("from"))
    return {"to": ", ".join(filter(None, map(_end, to))), "from": _end(sender)}


def _end(entry: dict[str, Any]) -> str:
    account_id, platform = as_id(entry.get("accountId")), as_platform(entry.get("platform"))
    return f"{account_id}/{platform}" if account_id else ""


# --- frames ------------------------------------------------------------------------------------------


def _with_frame(found: Pasted, body: bytes) -> Pasted:
    found.body = body
    try:
        frames.decode_body(body)
    except frames.BadMiranda as error:
        found.wrong.append(error.message)
    start = body.find(b"{", frames.HEADER_BYTES)
    if start >= 0:
        try:
            message = json.loads(body[start:])
        except (ValueError, RecursionError):
            message = None  # decode_body has reported it
        found.message = None if _deeper(message, _DEEPEST) else message
    found.sdp = _sdp_of(found.message)
    return _checked(found)


def _sdp_of(message: Any) -> str | None:
    return as_text(as_dict(message).get("sdp")) or None


def _checked(found: Pasted) -> Pasted:
    """Record inconsistencies between the header, the JSON, and the request or event around them."""
    message = as_dict(found.message)
    sender = _party(message.get("from"))
    if found.body is not None and sender and len(found.body) >= frames.HEADER_BYTES:
        account_id, platform = int.from_bytes(found.body[16:24], "little"), int.from_bytes(found.body[24:28], "little")
        if sender != f"{account_id}/{name_of(platform)}":
            found.wrong.append("The header names another sender than 'from' in the JSON.")
    for key in ("from", "to"):
        outside, inside = found.around.get(key, ""), _party(message.get(key))
        if outside and inside and inside not in outside.split(", "):
            found.wrong.append(f"'{key}' in the JSON differs from the request or event around it.")
    if message and list(message) != sorted(message):
        found.wrong.append("The keys of the JSON are not in alphabetical order, unlike the app's.")
    return found


def _party(value: Any) -> str:
    entry = as_dict(value)
    account_id, platform = as_id(entry.get("account_id")), entry.get("platform")
    return f"{account_id}/{name_of(platform) if isinstance(platform, int) else platform}" if account_id else ""
