"""What an answer of a receiver means for the message and for the webhook. No I/O."""

from __future__ import annotations

import email.utils
import ssl
from dataclasses import dataclass
from typing import Literal

_LATER = frozenset({408, 425, 429})
_GONE = frozenset({404, 410})


@dataclass(frozen=True)
class ReceiverVerdict:
    """What to do."""

    do: Literal["done", "later", "drop", "stop"]
    """`later`: try again. `drop`: this message will never be taken. `stop`: nothing will, until a person changes it."""
    words: str = ""
    remedy: str = ""
    wait_s: float | None = None
    """How long the receiver asks to be left alone."""


def judge(status: int, retry_after: str | None, now: float) -> ReceiverVerdict:
    """Return the verdict on an HTTP status. `now`: Unix seconds."""
    answered = f"The receiver answers with {status}"
    if 200 <= status < 300:
        return ReceiverVerdict("done")
    if status in _GONE:
        return ReceiverVerdict(
            "stop", f"{answered}: nobody wants this webhook there any more.", "Correct or remove its `url`."
        )
    if status < 400:
        return ReceiverVerdict(
            "later", f"{answered}, a redirect, which is not followed.", "Write the new address into its `url`."
        )
    if status in _LATER or status >= 500:
        return ReceiverVerdict("later", f"{answered}.", "Look at the receiver.", _asked_wait(retry_after, now))
    return ReceiverVerdict(
        "drop", f"{answered}, so it does not take this message.", "Check its `url`, `secret` and `format`."
    )


def _asked_wait(retry_after: str | None, now: float) -> float | None:
    """Return the seconds of a `Retry-After`, which is a number or a date."""
    text = (retry_after or "").strip()
    if not text:
        return None
    try:
        wait_s = float(text)
    except ValueError:
        try:
            wait_s = email.utils.parsedate_to_datetime(text).timestamp() - now
        except ValueError:
            return None
    return wait_s if 0 <= wait_s < float("inf") else None


def unreachable(error: Exception) -> ReceiverVerdict:
    """Return the verdict on a connection that failed. The error's own words may hold the address."""
    if isinstance(error, TimeoutError):
        words = "The receiver does not answer in time."
    elif isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        words = "The receiver's certificate is not trusted."
    else:
        words = f"The receiver is not reached ({type(error).__name__})."
    return ReceiverVerdict("later", words, "See that it runs, and that its `url` is right.")
