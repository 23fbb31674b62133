"""The frames of the API's WebSocket, and the error of an HTTP answer. JSON objects, each with its `op`. No sockets.

A client subscribes, gets a snapshot, then every change. Changes have numbers. Who comes back soon with the last number
it saw gets what it missed instead of a snapshot.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from common.api import VERSION
from common.api.rights import Right
from common.errors import ErrorReply

WholeNumber = Annotated[int, msgspec.Meta(ge=-(2**53) + 1, le=2**53 - 1)]
"""A number within what JavaScript counts exactly."""
LEVELS_HZ = 10
"""How often levels come unless a client asks for more or less: audio's own pace."""
MOST_LEVELS_HZ = 20
LevelsHz = Annotated[int, msgspec.Meta(ge=1, le=MOST_LEVELS_HZ)]


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag_field="op", tag="hello"):
    """Server: the first frame."""

    api: str = VERSION
    """Version of the contract."""
    right: Right
    also: tuple[str, ...] = ()
    """Requests that this key may make besides those of its right."""
    run: str
    """Id of this run of the server. Numbers of another run mean nothing."""
    number: int
    """Number of the latest change."""


class Since(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a client left off."""

    run: str
    number: WholeNumber


class Subscribe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="op", tag="subscribe"):
    """Client: replaces the present subscription. The answer is `StateSnapshot`, or `Resumed` and what was missed."""

    id: WholeNumber
    """Repeated in the answer."""
    topics: tuple[str, ...] = ()
    """Topics without keys, as ``peer.speaking``. Empty for all but ``audio.levels``."""
    members: tuple[str, ...] = ()
    """Account ids or peer keys. Topics of one member then come for these only. Empty for everybody."""
    since: Since | None = None
    levels_hz: LevelsHz = LEVELS_HZ
    """How often ``audio.levels`` come while somebody is heard. Each has the peaks since the one before."""


class Ask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="op", tag="request"):
    """Client: one request, as by HTTP."""

    id: WholeNumber
    """Repeated in the answer."""
    do: str
    """Name of the request, as ``SetMute``."""
    fields: dict[str, Any] = msgspec.field(default_factory=dict)


class RequestAnswer(msgspec.Struct, frozen=True, kw_only=True, tag_field="op", tag="answer"):
    """Server: a request was carried out."""

    id: WholeNumber
    result: Any


class FrameRefused(msgspec.Struct, frozen=True, kw_only=True, tag_field="op", tag="error"):
    """Server: a frame with this id was refused, or carried out without success. The connection goes on."""

    id: WholeNumber
    error: ErrorReply


class StateSnapshot(msgspec.Struct, frozen=True, kw_only=True, tag_field="op", tag="snapshot"):
    """Server: the present state of what was subscribed to."""

    id: WholeNumber
    run: str
    number: int
    topics: dict[str, Any]
    """Topic with its key → message."""


class Resumed(msgspec.Struct, frozen=True, kw_only=True, tag_field="op", tag="resumed"):
    """Server: the changes since `Subscribe.since` follow."""

    id: WholeNumber
    run: str
    number: int


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="op", tag="event"):
    """Server: one change. Levels have no number: they are worth nothing later."""

    number: int | None
    topic: str
    """With its key, as ``peer.speaking/3456789012345678901.PS5``."""
    message: Any
    """None: it is gone, as a member who left."""


class ErrorAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The body of an HTTP answer that is no success."""

    error: ErrorReply


FromClient = Subscribe | Ask
FromServer = Hello | StateSnapshot | Resumed | Event | RequestAnswer | FrameRefused
