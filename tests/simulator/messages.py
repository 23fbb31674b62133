"""customMessages as the App writes them, made without the product's code, to be bent at will."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

WIRE = Path(__file__).parent.parent / "wire"
PHONE, PS5 = 100001, 5


def captured_sdp(kind: str) -> str:
    return (WIRE / f"p2p-{kind}.sdp").read_bytes().decode()


def payload(
    sender: tuple[str, int],
    to: tuple[str, int],
    /,
    *,
    kind: str = "offer",
    sdp: str = "",
    header_id: int | None = None,
    header_platform: int | None = None,
    length: int = 0,
    sequence: str = "1",
    **json_fields: Any,
) -> str:
    user = {"account_id": sender[0], "platform": sender[1]}
    record = {"media_identifier": "voice_chat", "mid": "0"}
    content = {
        "from": user,
        "global_seq_num": 1,
        "medias": [{"media_records": [record], "msids": ["0"], "user": user}],
        "sdp": sdp or captured_sdp(kind),
        "sdp_sequence_number": sequence,
        "to": {"account_id": to[0], "platform": to[1]},
        "type": kind,
        "users": [user],
        **json_fields,
    }
    rest = b"1/1/1\n" + json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    header = struct.pack(
        "<4sIIIQI12sI",
        b"\1\0\0\0",
        0,
        1,
        0,
        int(sender[0]) if header_id is None else header_id,
        sender[1] if header_platform is None else header_platform,
        bytes(12),
        len(rest) + length,
    )
    return "ver=1.0, type=binary, body=" + base64.b64encode(header + rest).decode()


def custom_message(text: str, to: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {
        "channel": "miranda:12",
        "payload": text,
        "to": [{"accountId": to[0], "platform": to[1]}],
        "withoutSequenceNumber": True,
        **more,
    }


def shape(value: object, *, contexts: bool = False) -> object:
    """Return the keys, and the types behind them; `contexts` adds what the scrubbed samples lack."""
    if isinstance(value, dict):
        found = {key: shape(inner) for key, inner in value.items()}
        return {**found, "contexts": [{"contextId": str, "sequenceNumber": int}]} if contexts else found
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return type(value)
