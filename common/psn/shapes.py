"""Tolerant readers for Sony's JSON, each with one result type.

They never raise. A value of an unexpected type reads as empty. So does a number of more than 64 bits, which the bus
could not carry.
"""

from __future__ import annotations

from typing import Any

from common.basic.text import shown


def as_dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def as_name(value: Any) -> str:
    """Return a display name without invisible characters or bidirectional controls (`shown`)."""
    return shown(as_text(value))[:200]


def as_id(value: Any) -> str:
    """Return an account id as a decimal string. Sony sends numbers or strings [seen]."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return str(value) if 0 <= value < 2**64 else ""
    return value.strip() if isinstance(value, str) else ""


def as_int(value: Any, default: int = 0) -> int:
    if isinstance(value, bool):
        return default
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else default
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 20:
        return int(value)
    return default


def as_seconds(value: Any, *, per_s: int = 1000) -> float:
    """Return milliseconds (number or decimal string), or `per_s` units a second, as seconds. Other types give 0.0."""
    if isinstance(value, float):
        return value / per_s if 0 <= value < 1e15 else 0.0
    number = as_int(value)
    return number / per_s if 0 <= number < 10**15 else 0.0


def as_platform(value: Any) -> str:
    """Return a platform, which is a string, or an array of them in some push frames [seen]."""
    if isinstance(value, list):
        return next((item for item in value if isinstance(item, str)), "")
    return as_text(value)
