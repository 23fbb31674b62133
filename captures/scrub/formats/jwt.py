"""JWTs: claim names and types stay, values and signature go (moments are moved, as everywhere)."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from captures.scrub.allow_list import TIMES
from captures.scrub.protocol import Scrubbing


def token(scrubber: Scrubbing, text: str) -> str | None:
    """Return a JWT (three parts; five when encrypted) scrubbed, None if it is none."""
    head, *others = text.split(".")
    header = _object(head)
    if header is None:
        return None
    rest = [_part(scrubber, part) for part in others]
    return ".".join([_text(scrubber.value(header)), *rest])


def _part(scrubber: Scrubbing, text: str) -> str:
    claims = _object(text)
    return scrubber.plain(text) if claims is None else _text(_claims(scrubber, claims))


def _claims(scrubber: Scrubbing, data: dict[str, Any]) -> dict[str, Any]:
    return {scrubber.name(name): _claim(scrubber, name, value) for name, value in data.items()}


def _claim(scrubber: Scrubbing, name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return _claims(scrubber, value)
    return scrubber.value(value, name if name in TIMES else "?")


def _object(text: str) -> dict[str, Any] | None:
    try:
        data = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _text(data: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(data, separators=(",", ":")).encode()).decode().rstrip("=")
