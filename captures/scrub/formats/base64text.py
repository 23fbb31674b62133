"""A base64 codec that keeps the original alphabet and padding."""

from __future__ import annotations

import base64
import binascii


def decode64(text: str) -> bytes | None:
    """Return the bytes of base64 in either alphabet, padded or not, or None if `encode64` would not restore it."""
    plain = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        data = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if encode64(data, text) == text else None


def encode64(data: bytes, like: str) -> str:
    """Return `data` in base64, with the alphabet and padding of `like`."""
    safe = "-" in like or "_" in like
    text = (base64.urlsafe_b64encode if safe else base64.b64encode)(data).decode()
    return text if like.endswith("=") or len(like) % 4 == 0 else text.rstrip("=")
