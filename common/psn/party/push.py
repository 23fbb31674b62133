"""The codec of push frames, and the order of their events. No sockets here.

Facts: notes/push.md. Frames are JSON, text or binary. An unknown `dataType` is not an error.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Generic, TypeVar

import msgspec

from common.psn.errors import PushFrameError
from common.psn.shapes import as_dict, as_id, as_int, as_list, as_platform, as_seconds, as_text

E = TypeVar("E")

AUTHORISE = 1003
STATUS = 1007
EVENT = 3001
MAX_FRAME_BYTES = 1 << 20
MAX_DATA_BYTES = 1 << 19
"""Largest `body.data` on the bus, just under the limit of the bus."""
MAX_NUMBER = 2**63 - 1
"""Largest valid sequence number. The bus cannot carry larger ones."""
FIRST = 1
"""The first number of a context [app]."""
UNORDERED = 0
"""An event with this number has no place in the order [app]."""
HOLD_S = 5.0
"""How long a missing event is waited for [app]."""
_MOST_WAITING = 256
"""Most events held back behind a missing one, which bounds the memory."""
_REMEMBERED = 512
"""Numbers of earlier events that are remembered, to recognise repeats."""
PREFIX = "psn:sessionManager:sys:"
CUSTOM_MESSAGE = "customMessage:created"
"""The `event_name` of both forms of a custom message."""


class KeepAliveTold(msgspec.Struct, frozen=True, kw_only=True):
    """A server's values for a keep-alive type (`keepAliveStatus`), in seconds, or 0.0 if absent."""

    interval_s: float = 0.0
    """Between two pings of the client."""
    pong_s: float = 0.0
    """Time limit for a pong, independent of the interval [app]."""
    server_s: float = 0.0
    """How long the server keeps a connection without a ping."""
    presence_s: float = 0.0
    """How long we count as present without a connection."""


class PushFrame(msgspec.Struct, frozen=True, kw_only=True):
    """One frame. `method` is `EVENT` for a party event, `AUTHORISE` or `STATUS` for an answer."""

    method: int
    tran_id: str = ""
    """Of an answer: the tranId of the answered frame."""
    return_code: int = 0
    """Of an answer: 0 means accepted [app]. An answer without a code counts as accepted."""
    retry_interval_s: float = 0.0
    """Of an answer to a 1003: delay before the next try, in seconds [app]."""
    keep_alive: KeepAliveTold | None = None
    """Of an answer to a 1007: the values in force from now on [app]."""
    data_type: str = ""
    to_account_id: str = ""
    session_id: str = ""
    from_account_id: str = ""
    from_platform: str = ""
    contexts: tuple[tuple[str, int], ...] = ()
    """(contextId, sequenceNumber), empty on noSeq messages."""
    data: dict[str, Any] = {}
    """`body.data` as it came."""


def authorise_frame(account_id: str, access_token: str, tran_id: str) -> bytes:
    """Return the first frame of protocol 3.0 [seen once]. Its accountId is a number."""
    return msgspec.json.encode(
        {
            "version": "3.0",
            "method": AUTHORISE,
            "tranId": tran_id,
            "accountId": int(account_id) if account_id.isdecimal() else account_id,
            "status": "active",
            "auth": {"accessToken": access_token},
        }
    )


def status_frame(kind: int, tran_id: str) -> bytes:
    """Return the frame that changes an open channel's keepAliveStatusType [app]. A tranId has 1 to 60 characters."""
    return msgspec.json.encode({"version": "3.0", "method": STATUS, "tranId": tran_id, "keepAliveStatusType": kind})


def read_keep_alive(data: Any) -> KeepAliveTold:
    """Return a `keepAliveStatus`, whose numbers are milliseconds [seen]."""
    status = as_dict(data)
    return KeepAliveTold(
        interval_s=as_seconds(status.get("clientKeepAliveInterval")),
        pong_s=as_seconds(status.get("clientKeepAliveTimeout")),
        server_s=as_seconds(status.get("serverKeepAliveTimeout")),
        presence_s=as_seconds(status.get("serverPresenceTimeout")),
    )


def read_frame(raw: bytes | str) -> PushFrame:
    """Return the frame in `raw`. Raises `PushFrameError` when it is oversized, truncated or malformed."""
    if len(raw) > MAX_FRAME_BYTES:
        raise PushFrameError("oversized", f"A push frame of {len(raw)} bytes is over the limit of {MAX_FRAME_BYTES}.")
    try:
        frame = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        kind: Any = "truncated" if "truncated" in str(error) else "malformed"
        raise PushFrameError(kind, f"A push frame is {kind} JSON.") from error
    if not isinstance(frame, dict):
        raise PushFrameError("malformed", "A push frame is no JSON object.")
    method = as_int(frame.get("method"), -1)
    if method < 0:
        raise PushFrameError("malformed", "A push frame has no method.")
    return _event(frame) if method == EVENT else _answer(frame, method)


def _answer(frame: dict[str, Any], method: int) -> PushFrame:
    told = frame.get("keepAliveStatus")
    return PushFrame(
        method=method,
        tran_id=as_text(frame.get("tranId")),
        return_code=as_int(frame.get("returnCode")),
        retry_interval_s=as_seconds(frame.get("retryInterval"), per_s=1),
        keep_alive=read_keep_alive(told) if isinstance(told, dict) else None,
    )


def _event(frame: dict[str, Any]) -> PushFrame:
    data_type = as_text(frame.get("dataType"))
    if not data_type:
        raise PushFrameError("malformed", "A push event has no dataType.")
    body = as_dict(frame.get("body"))
    data = as_dict(body.get("data"))
    _check_carriable(data)
    sender = as_dict(as_dict(data.get("customProperties")).get("from"))
    return PushFrame(
        method=EVENT,
        data_type=data_type,
        to_account_id=as_id(as_dict(frame.get("to")).get("accountId")),
        session_id=as_text(data.get("sessionId")),
        from_account_id=as_id(sender.get("accountId")),
        from_platform=as_platform(sender.get("platform")),
        contexts=_contexts(frame.get("contexts") or body.get("contexts")),
        data=data,
    )


def _check_carriable(data: dict[str, Any]) -> None:
    try:
        size = len(msgspec.msgpack.encode(data))
    except (OverflowError, RecursionError, ValueError) as error:
        raise PushFrameError("malformed", "A push event holds a number or nesting beyond all use.") from error
    if size > MAX_DATA_BYTES:
        raise PushFrameError("oversized", f"A push event's data of {size} bytes is over the limit.")


def _contexts(value: Any) -> tuple[tuple[str, int], ...]:
    found = []
    for entry in as_list(value):
        context = as_dict(entry)
        context_id, number = as_text(context.get("contextId")), as_int(context.get("sequenceNumber"), -1)
        if context_id and 0 <= number <= MAX_NUMBER:
            found.append((context_id, number))
    return tuple(found)


def event_name(data_type: str) -> str:
    """Return an event's name without prefix and version, e.g. ``members:created``.

    ``psn:sessionManager:sys:v2:ps:…`` (2026) and ``…:sys:pts:…`` (2020, [one: Tustin]) give the same name. Events
    of a party seen from outside have the same names as from inside.
    """
    name = data_type.removeprefix(PREFIX).removeprefix("outside:").removeprefix("v2:")
    name = name.removeprefix("ps:").removeprefix("pts:")
    return CUSTOM_MESSAGE if name == "customMessage:noSeq:created" else name


class Released(msgspec.Struct, Generic[E], frozen=True, kw_only=True):
    """The events that `Order` releases, and whether one is missing for good. If so, read the party by REST."""

    events: tuple[E, ...] = ()
    gap: bool = False


class Order(Generic[E]):
    """Orders and de-duplicates the events of one context by their sequence number, as the app does [app].

    An early event waits `hold_s` seconds for those before it. If they do not come, that is a gap. An event below the
    expected number is dropped. `first` is the first expected number, or None for whichever comes first.
    """

    def __init__(self, context_id: str, *, first: int | None = FIRST, hold_s: float = HOLD_S) -> None:
        self.context_id = context_id
        self.dropped = 0
        """Duplicate and late events."""
        self._hold_s = hold_s
        self._next = first
        self._waiting: dict[int, E] = {}
        self._deadline: float | None = None
        self._seen: deque[int] = deque(maxlen=_REMEMBERED)

    @property
    def deadline(self) -> float | None:
        """When `expire` is due (same clock as `now`), or None if nothing waits."""
        return self._deadline

    def restart(self) -> Released[E]:
        """Accept whichever number comes next. The channel was reopened, and the party is read by REST anyway."""
        released = tuple(self._waiting[number] for number in sorted(self._waiting))
        self._seen.extend(sorted(self._waiting))
        self._next = max(self._waiting) + 1 if self._waiting else None
        self._waiting.clear()
        self._deadline = None
        return Released(events=released)

    def add(self, event: E, contexts: tuple[tuple[str, int], ...], now: float) -> Released[E]:
        """Add one event. Events without a number in this context pass at once."""
        number = next((number for context, number in contexts if context == self.context_id), UNORDERED)
        if number <= UNORDERED:
            return Released(events=(event,))
        if number in self._seen or number in self._waiting:
            self.dropped += 1
            return Released()
        if self._next is not None and number < self._next:
            # The app drops it. Its change may be missing in our state, so that is a gap.
            self.dropped += 1
            self._seen.append(number)
            return Released(gap=True)
        self._waiting[number] = event
        if self._next is None:
            self._next = number
        if len(self._waiting) > _MOST_WAITING:
            return self._give_up(now)
        return Released(events=self._run(now))

    def expire(self, now: float) -> Released[E]:
        """Release what waits if the missing event did not come within the limit."""
        if self._deadline is None or now < self._deadline:
            return Released()
        return self._give_up(now)

    def _give_up(self, now: float) -> Released[E]:
        self._next = min(self._waiting)
        return Released(events=self._run(now), gap=True)

    def _run(self, now: float) -> tuple[E, ...]:
        released: list[E] = []
        while self._next is not None and self._next in self._waiting:
            released.append(self._waiting.pop(self._next))
            self._seen.append(self._next)
            self._next += 1
        if not self._waiting:
            self._deadline = None
        elif released or self._deadline is None:
            self._deadline = now + self._hold_s
        return tuple(released)
