"""Base64 that is written again as it was found: alphabet, padding."""

from __future__ import annotations

import base64
import binascii


def decode64(text: str) -> bytes | None:
    """Return the bytes of base64 in either alphabet, padded or not; None when it would not be written so."""
    plain = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        data = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if encode64(data, text) == text else None


def encode64(data: bytes, like: str) -> str:
    """Return `data` in base64, written as `like` is."""
    safe = "-" in like or "_" in like
    text = (base64.urlsafe_b64encode if safe else base64.b64encode)(data).decode()
    return text if like.endswith("=") or len(like) % 4 == 0 else text.rstrip("=")
