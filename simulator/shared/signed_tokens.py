"""Tokens that only this simulator can issue, a JSON object and its HMAC. They stay valid across restarts."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any

import msgspec

_KEY = b"partyline simulator: guards nothing"


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _sign(text: str) -> str:
    return _b64(hmac.digest(_KEY, text.encode(), hashlib.sha256))


def sign(content: dict[str, Any]) -> str:
    """Return an opaque token."""
    text = _b64(msgspec.json.encode(content))
    return f"{text}.{_sign(text)}"


def read_signed(token: str) -> dict[str, Any] | None:
    """Return the signed content, None for any other token."""
    text, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _sign(text).encode()):
        return None
    return _content(text)


def jwt(claims: dict[str, Any]) -> str:
    """Return a token in the form of a JWT."""
    header = _b64(msgspec.json.encode({"alg": "HS256", "kid": "simulator", "typ": "JWT"}))
    text = f"{header}.{_b64(msgspec.json.encode(claims))}"
    return f"{text}.{_sign(text)}"


def read_jwt(token: str) -> dict[str, Any] | None:
    """Return the claims of a JWT issued here, None for any other."""
    text, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _sign(text).encode()):
        return None
    return _content(text.partition(".")[2])


def _content(text: str) -> dict[str, Any] | None:
    try:
        content = msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, msgspec.DecodeError, ValueError):
        return None
    return content if isinstance(content, dict) else None
