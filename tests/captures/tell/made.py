"""Captures made by hand: bodies of exchanges, and frames of miranda in them."""

from __future__ import annotations

from typing import Any

import msgspec

from captures.model import Body, Capture, CapturedFrame, CapturedMessage, Exchange
from common.psn.miranda import frames

ACCOUNT, OTHER = "7318264950173826495", "2938475610293847561"


def json_of(data: Any) -> CapturedMessage:
    return CapturedMessage(body=Body(kind="json", data=data))


def exchange(asked: Any = None, answer: Any = None, *, n: int = 0, **more: Any) -> Exchange:
    """Return an exchange with these bodies in JSON."""
    given = {"at": float(n), "took": 0.0, "method": "POST", "host": "m.np.playstation.com", "path": "/x", **more}
    bodies = {"request": json_of(asked), "response": json_of(answer)}
    return Exchange(n=n, **{**bodies, **given})


def pushed(data: Any) -> CapturedFrame:
    return CapturedFrame(exchange=0, at=0.0, sender="server", body=Body(kind="json", data=data))


def payload(
    sender: str = ACCOUNT,
    *,
    header_sender: str = "",
    sdp: str = "v=0",
    extra: dict[str, Any] | None = None,
    **more: Any,
) -> str:
    """Return the payload of an offer. `extra`: unknown keys of its message. `more`: fields of the frame."""
    party = frames.MessageEnd(account_id=sender, platform=100001)
    message = frames.message("offer", party, frames.MessageEnd(account_id=OTHER, platform=5), sdp, 3, 9)
    message = msgspec.structs.replace(message, extra=extra or {})
    return frames.encode_payload(
        frames.MirandaFrame(sender_account_id=header_sender or sender, sender_platform=100001, message=message, **more)
    )


def said(text: str, channel: str = "miranda:12") -> dict[str, Any]:
    return {"channel": channel, "payload": text}


def capture(*parts: Exchange | CapturedFrame) -> Capture:
    return Capture(
        exchanges=tuple(part for part in parts if isinstance(part, Exchange)),
        frames=tuple(part for part in parts if isinstance(part, CapturedFrame)),
    )
