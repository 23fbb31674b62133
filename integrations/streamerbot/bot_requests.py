"""Streamer.bot's WebSocket server, as docs.streamer.bot and its own client (@streamerbot/client) have it. No I/O."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from common.config.integration_tables import PartyEventName, StreamerbotSettings
from integrations.streamerbot.event_finder import PartyEvent

TRIGGER_PREFIX = "partyline_"
"""A trigger is called after its event, e.g. ``partyline_speaks``."""
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def url(settings: StreamerbotSettings) -> str:
    return f"ws://{settings.host}:{settings.port}/{settings.endpoint.lstrip('/')}"


def request(kind: str, number: int, **fields: Any) -> str:
    return json.dumps({"request": kind, "id": f"partyline-{number}", **fields})


def number_of(message: Mapping[str, Any]) -> int | None:
    """Return which of our requests is answered."""
    prefix, _, number = str(message.get("id", "")).partition("-")
    return int(number) if prefix == "partyline" and number.isdecimal() else None


def decode(text: str | bytes) -> dict[str, Any]:
    """Return a message, or an empty one for what cannot be read."""
    try:
        message = json.loads(text)
    except ValueError:
        return {}
    return dict(message) if isinstance(message, dict) else {}


def authentication(password: str, salt: str, challenge: str) -> str:
    """Return the proof that we know the password, which itself is not sent."""
    return _hashed(_hashed(password + salt) + challenge)


def _hashed(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def trigger_of(name: PartyEventName) -> str:
    return f"{TRIGGER_PREFIX}{name}"


def requests_of(event: PartyEvent, settings: StreamerbotSettings) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the requests that an event becomes, each as its kind and fields."""
    args = dict(event.args)
    if event.name in settings.triggers:
        yield "ExecuteCodeTrigger", {"triggerName": trigger_of(event.name), "args": args}
    if action := settings.actions.get(event.name):
        yield "DoAction", {"action": {"id" if _ID.fullmatch(action) else "name": action}, "args": args}


def lacking_triggers(answer: Mapping[str, Any], settings: StreamerbotSettings) -> list[str]:
    """Return the triggers that the answer to GetCodeTriggers does not list."""
    known = {one.get("eventName") for one in answer.get("triggers", ()) if isinstance(one, dict)}
    return [trigger_of(name) for name in settings.triggers if trigger_of(name) not in known]


def lacking_actions(answer: Mapping[str, Any], settings: StreamerbotSettings) -> list[str]:
    """Return the actions that the answer to GetActions does not list."""
    known = {one.get(key) for one in answer.get("actions", ()) if isinstance(one, dict) for key in ("id", "name")}
    return [action for action in settings.actions.values() if action not in known]
