"""Observations from push events, and from the messages of other members in them. No I/O, no clock."""

from __future__ import annotations

import base64
import binascii
from collections import defaultdict, deque
from collections.abc import Iterator

from cli.probe.observe.observations import Numbers, Observation, Shows
from cli.probe.observe.party_members import PartyMembers
from cli.probe.observe.sdp_form import sdp_form
from common.messages import Message, PushEvent, peer_key
from common.psn.miranda import frames
from common.psn.miranda.frames import BadMiranda, MirandaFrame
from common.psn.party import customdata, push
from common.psn.party.customdata import BadCustomData
from common.psn.shapes import as_dict, as_id, as_list, as_platform, as_text
from common.psn.unknowns import BY_NAME

MEMBERS_DELETED = "members:deleted"
_PLACE_1 = 1
_MOST_COUNTERS = 64


class EventObserver:
    """Reads the places of fields in events, members' customData4, and the frames of their messages."""

    def __init__(self, members: PartyMembers) -> None:
        self._members = members
        self._counters: dict[str, deque[int]] = defaultdict(lambda: deque(maxlen=_MOST_COUNTERS))

    def on_message(self, message: Message, now: float) -> Iterator[Observation]:
        del now
        if not isinstance(message, PushEvent) or message.session_id.lower() != self._members.session_id.lower():
            return
        name = push.event_name(message.data_type)
        if name == MEMBERS_DELETED:
            yield from _left_cause(message)
        elif name == push.CUSTOM_MESSAGE:
            yield from self._custom_message(message)
        for entry in map(as_dict, as_list(message.data.get("members"))):
            yield from self._custom_data4(entry)

    def on_joined(self, peer: str, now: float) -> None:
        """Nothing depends on it."""

    def on_left(self, peer: str) -> None:
        """Nothing depends on it. Counters go on when the member comes back."""

    def _custom_data4(self, entry: dict[str, object]) -> Iterator[Observation]:
        peer = peer_key(as_id(entry.get("accountId")), as_platform(entry.get("platform")))
        text = as_text(entry.get("customData4"))
        if not text or peer == self._members.me:
            return
        try:
            places = customdata.decode4(text).fields
        except BadCustomData:
            return
        value = "number" if _is_number(places[_PLACE_1] if len(places) > _PLACE_1 else "") else "empty"
        yield Shows(name="customdata4.place-1", value=value, how=f"Place 1 of a member's own customData4 was: {value}")

    def _custom_message(self, event: PushEvent) -> Iterator[Observation]:
        key = peer_key(event.from_account_id, event.from_platform)
        if key == self._members.me:
            return
        try:
            frame = frames.decode_payload(as_text(as_dict(event.data.get("customMessage")).get("payload")))
        except BadMiranda:
            return
        if self._members.has_alias(key):
            yield from self._frame(key, frame)

    def _frame(self, key: str, frame: MirandaFrame) -> Iterator[Observation]:
        alias = self._members.alias(key)
        self._counters[key].append(frame.counter)
        yield Numbers(who=alias, counters=tuple(self._counters[key]))
        line = frame.prefix.strip()
        if line in BY_NAME["frame.line"].values:
            yield Shows(name="frame.line", value=line, how=f"Member {alias} writes the line {line}")
        for name, value in sdp_form(frame.message.sdp, frame.message.kind).items():
            yield Shows(name=name, value=value, how=f"The {frame.message.kind} of member {alias} had {value}")


def _left_cause(event: PushEvent) -> Iterator[Observation]:
    name = "party.left-cause-place"
    if as_dict(event.data.get("customProperties")).get("leftEventCause"):
        yield Shows(name=name, value="event", how="leftEventCause was in the event's properties")
    entries = [as_dict(entry) for entry in as_list(event.data.get("members"))]
    if any(as_dict(entry.get("customProperties")).get("leftEventCause") for entry in entries):
        yield Shows(name=name, value="entry", how="leftEventCause was in the member's entry")


def _is_number(place: object) -> bool:
    try:
        return len(base64.b64decode(as_text(place), validate=True)) == 4
    except (binascii.Error, ValueError):
        return False
