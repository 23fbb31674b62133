"""The bodies and headers of webhooks: JSON for programs, sentences for channels of Discord and Slack. No I/O."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec
from standardwebhooks import Webhook as Signer

from integrations.webhooks.occurrences import HookEvent

Format = Literal["json", "discord", "slack"]
MOST_LINES = 10
LONGEST_LINE = 190
"""Sentences in one message of a channel, and their length. Discord takes 2000 characters."""
_MARKDOWN = re.compile(r"([\\*_~`|>#\[\]()<@:-])")


def batch(format_: Format) -> int:
    """Return how many events fit into one request of that format."""
    return 1 if format_ == "json" else MOST_LINES


def body(format_: Format, events: Sequence[HookEvent], dropped: int = 0) -> bytes:
    """Return the body for `events`, of which there is one for JSON. `dropped` events before it were not sent."""
    match format_:
        case "json":
            event = events[0]
            at = datetime.fromtimestamp(event.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            more = {"dropped": dropped} if dropped else {}
            return msgspec.json.encode({"type": event.type, "timestamp": at, "data": event.data, **more})
        case "discord":
            lines = [*_missing(dropped), *(_for_discord(event.words) for event in events)]
            return msgspec.json.encode({"content": "\n".join(lines), "allowed_mentions": {"parse": []}})
        case "slack":
            lines = [*_missing(dropped), *(_for_slack(event.words) for event in events)]
            return msgspec.json.encode({"text": "\n".join(lines)})


def headers(message_id: str, content: bytes, secret: str, at: float) -> dict[str, str]:
    """Return the headers of Standard Webhooks. `at`: Unix seconds of this attempt. Without a secret nothing is signed.

    The id stays the same when a message is tried again, so that a receiver can tell.
    """
    found = {
        "Content-Type": "application/json",
        "User-Agent": "partyline",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at)),
    }
    if secret:
        moment = datetime.fromtimestamp(int(at), UTC)
        found["webhook-signature"] = Signer(secret).sign(message_id, moment, content.decode())
    return found


def _missing(dropped: int) -> list[str]:
    return [f"({dropped} earlier events were not sent.)"] if dropped else []


def _short(words: str) -> str:
    """Return a sentence on one line. It may quote what members call themselves."""
    line = " ".join(words.split())
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1].rstrip(chr(92))}…"


def _for_discord(text: str) -> str:
    """Return it without Markdown."""
    return _short(_MARKDOWN.sub(r"\\\1", text))


def _for_slack(text: str) -> str:
    """Return it without links and mentions, by the three characters that Slack has escaped."""
    return _short(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
