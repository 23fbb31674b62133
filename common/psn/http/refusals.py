"""The mapping from an answer of 400 or above (status, headers, body) to its `PsnError`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from common.psn import errors
from common.psn.errors import PsnError, RateLimitedError, UnauthorizedError
from common.psn.shapes import as_dict, as_int, as_text

UNDATED_S = 900.0
"""The longest wait until a moment of the server's clock, in an answer without a Date. Limits count 10 to 15 min."""
LEAST_S = 5.0
"""Least time that a 429 stops calls, in seconds, whatever its headers say."""
NOT_A_MEMBER = 2233351
""""only session members permitted". The app then treats the party as left [app]."""
_REVOKED = (0x80030033, 0x80030033 - (1 << 32))
"""Session revoked [one], as an unsigned and as a signed number."""
_UPGRADE = 426
_TOO_OLD = re.compile(r"upgrade required|update required|(?:app|client) version|update (?:the|your) app", re.IGNORECASE)
"""[open]: the words for an app that is too old."""


def error_of(  # noqa: PLR0913, PLR0917  # an answer, and what to make of a 429
    name: str, status: int, headers: Mapping[str, str], body: bytes, now: float, rate_limit_s: float = 60.0
) -> PsnError:
    """Return the error of an answer of 400 or above. `now` is in Unix seconds, for rate limits.

    `rate_limit_s` applies after a 429 without an end time.
    """
    details = _error_details(body)
    error = as_dict(details.get("error"))
    words = as_text(error.get("message")) or as_text(details.get("error_description")) or as_text(details.get("error"))
    sony_code = as_int(error.get("code")) or as_int(details.get("error_code"))
    said = f"{status} {words}".strip()[:500] + (f" (code {sony_code})" if sony_code else "")
    more: dict[str, Any] = {
        "status": status,
        "sony_code": sony_code,
        "sony_message": words[:500],
        "reference_id": as_text(error.get("referenceId"))[:80],
        "details": details,
    }
    if meant := _meant(name, status, sony_code, words, said, more):
        return meant
    if status == 401:
        return UnauthorizedError(f"PlayStation did not accept the token for {name}: {said}.", **more)
    if status == 404:
        return errors.NotFoundError(f"PlayStation does not know what {name} asks for: {said}.", **more)
    if status == 429:
        wait = retry_after(headers, now, rate_limit_s)
        return RateLimitedError(f"PlayStation wants fewer calls, {name}: {said}.", retry_after=wait, **more)
    if status >= 500:
        return errors.ServerFaultError(f"PlayStation had a fault of its own at {name}: {said}.", **more)
    return errors.RefusedError(f"PlayStation refused {name}: {said}.", **more)


def _meant(  # noqa: PLR0913, PLR0917  # an answer, taken apart
    name: str, status: int, sony_code: int, words: str, said: str, more: dict[str, Any]
) -> PsnError | None:
    """Return the error of an answer whose code or words say more than its status."""
    if sony_code == NOT_A_MEMBER:
        return errors.NotAMemberError(f"This device is not in that party, says PlayStation to {name}: {said}.", **more)
    if sony_code in _REVOKED or "80030033" in words:
        return errors.SessionRevokedError(f"PlayStation has ended this sign-in's session ({name}: {said}).", **more)
    if status == _UPGRADE or (400 <= status < 500 and _TOO_OLD.search(words)):
        return errors.AppTooOldError(f"PlayStation wants a newer app than the one we name ({name}: {said}).", **more)
    return None


def retry_after(headers: Mapping[str, str], now: float, default: float = 60.0) -> float:
    """Return for how many seconds a 429 stops calls: Retry-After (seconds), X-RateLimit-Next-Available (Unix).

    It is at least `LEAST_S`, and `default` if the reported end has passed. Unix seconds are of the server's clock, so
    they are compared with the answer's own Date. `now` is for answers without a Date. This machine's clock may be
    wrong, so it is then trusted for `UNDATED_S` at most.
    """
    waits = []
    if (wait := _number(headers.get("retry-after", ""))) is not None:
        waits.append(max(wait, LEAST_S))
    if (end := _number(headers.get("x-ratelimit-next-available", ""))) is not None:
        dated = _date_s(headers)
        left = end - dated if dated is not None else min(end - now, UNDATED_S)
        waits.append(max(left, LEAST_S) if left > 0 else default)
    return min(max(waits), 86_400.0) if waits else default


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _date_s(headers: Mapping[str, str]) -> float | None:
    """Return the server's time (Unix seconds) from its Date header, or None without one."""
    try:
        return parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _error_details(body: bytes) -> dict[str, Any]:
    try:
        return as_dict(msgspec.json.decode(body[:65_536]))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return {}


def is_html(headers: Mapping[str, str], body: bytes) -> bool:
    """Return whether the answer is an HTML page and not Sony's JSON."""
    return "html" in headers.get("content-type", "").lower() or body.lstrip()[:1] == b"<"
