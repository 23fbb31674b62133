"""Push events as a console reads them. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from common.psn.miranda.frames import CHANNEL, MirandaMessage, decode_payload
from simulator.parties import custom_data3, events


@dataclass(frozen=True)
class Joined:
    peer: str
    join_order: int


@dataclass(frozen=True)
class Left:
    peer: str


@dataclass(frozen=True)
class Ended:
    """The party is over."""


@dataclass(frozen=True)
class Named:
    """A member's customData3 changed."""

    peer: str
    us: bool
    """Whether it names the reader's account."""


@dataclass(frozen=True)
class SignalEvent:
    """A message of a member to us."""

    peer: str
    message: MirandaMessage


Event: TypeAlias = Joined | Left | Ended | Named | SignalEvent


def read(raw: bytes, session_id: str, account_id: str) -> list[Event]:
    """Return the events of a push frame, none for another party. Raises `BadMiranda`."""
    frame = msgspec.json.decode(raw)
    kind, data = frame["dataType"].removeprefix(events.PREFIX), frame["body"]["data"]
    if data.get("sessionId") != session_id:
        return []  # of a party that we left
    members = data.get("members", [])
    found: list[Event] = []
    if kind == events.MEMBERS_CREATED:
        found = [Joined(_peer(member), member["joinOrder"]) for member in members]
    elif kind == events.MEMBERS_DELETED:
        found = [Left(_peer(member)) for member in members]
    elif kind == events.PARTY_DELETED:
        found = [Ended()]
    elif kind == events.CUSTOM_DATA3_UPDATED:
        found = [Named(_peer(one), custom_data3.names(one["customData3"], account_id)) for one in members]
    elif kind == events.CUSTOM_MESSAGE and data["customMessage"]["channel"] == CHANNEL:
        sender = _peer(data["customProperties"]["from"])
        found = [SignalEvent(sender, decode_payload(data["customMessage"]["payload"]).message)]
    return found


def _peer(member: dict[str, Any]) -> str:
    return f"{member['accountId']}.{member['platform']}"
