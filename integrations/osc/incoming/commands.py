"""What an address with its arguments asks of partyline. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.basic.values import DelayMs, range_of
from integrations.osc.desk import Desk
from integrations.osc.fader import GAIN, gain_of
from integrations.osc.incoming.directory import Slot
from integrations.osc.wire.arguments import is_pressed, number, switch, text

DELAY = range_of(DelayMs)
OWN = frozenset({"register", "unregister", "refresh", "ping"})
"""Addresses that ask nothing of partyline: the bridge itself answers them."""
MergeKey = tuple[str, str, str]
"""Request, peer or "", field: of several calls with one key only the latest counts."""


@dataclass(frozen=True)
class ApiCall:
    """One request of the API."""

    request: str
    fields: Mapping[str, Any]
    key: MergeKey | None = None
    """None: each one counts."""


Latest = Callable[[MergeKey, Any], Any]
"""The value that was asked for last and is not yet in the state, otherwise the second argument."""


def call_of(slot: Slot, arguments: Sequence[Any], desk: Desk, latest: Latest) -> ApiCall | None:
    """Return what is to be asked, None for nothing. Raises `OscArgumentError`."""
    path = slot.about.path
    if slot.is_empty or path in OWN or not slot.about.is_taken:
        return None
    if slot.peer:
        return _of_a_talker(path, slot.peer, arguments, desk, latest)
    if path.startswith("master/"):
        return _of_the_master(path.removeprefix("master/"), arguments, desk, latest)
    return _of_the_recorder(path, arguments, desk)


def _of_a_talker(path: str, peer: str, arguments: Sequence[Any], desk: Desk, latest: Latest) -> ApiCall | None:
    talker = next(one for one in desk.talkers if one.peer == peer)
    setting, _, how = path.partition("/")
    match setting:
        case "fader":
            return _set("SetGain", "gain_db", gain_of(number(arguments)), peer)
        case "gain":
            before = latest(("SetGain", peer, "gain_db"), talker.gain_db) if how == "step" else 0.0
            return _set("SetGain", "gain_db", _within(GAIN.least, before + number(arguments), GAIN.most), peer)
        case "mute" | "solo":
            request, field, present = (
                ("SetMute", "muted", talker.muted) if setting == "mute" else ("SetSolo", "solo", talker.solo)
            )
            if how != "toggle":
                return _set(request, field, switch(arguments), peer)
            if is_pressed(arguments):
                return _set(request, field, not latest((request, peer, field), present), peer)
    return None


def _of_the_master(path: str, arguments: Sequence[Any], desk: Desk, latest: Latest) -> ApiCall | None:
    setting, _, how = path.partition("/")
    match setting:
        case "fader":
            return _set("SetMaster", "gain_db", gain_of(number(arguments)))
        case "gain":
            before = latest(("SetMaster", "", "gain_db"), desk.gain_db) if how == "step" else 0.0
            return _set("SetMaster", "gain_db", _within(GAIN.least, before + number(arguments), GAIN.most))
        case "delay":
            before = latest(("SetMaster", "", "delay_ms"), desk.delay_ms) if how == "step" else 0.0
            return _set("SetMaster", "delay_ms", _within(DELAY.least, before + number(arguments), DELAY.most))
        case "levelling":
            return _set("SetMaster", "levelling", switch(arguments))
    return None


def _of_the_recorder(path: str, arguments: Sequence[Any], desk: Desk) -> ApiCall | None:
    if path == "record":
        wanted = switch(arguments)
        return None if wanted == desk.recording else _recording(on=wanted)
    if path == "clip/keep":
        return _set("KeepClip", "seconds", round(number(arguments)))
    return _of_a_button(path, arguments, desk) if is_pressed(arguments) else None


def _of_a_button(path: str, arguments: Sequence[Any], desk: Desk) -> ApiCall | None:
    match path:
        case "record/start" | "record/stop":
            return _recording(on=path == "record/start")
        case "record/toggle":
            return _recording(on=not desk.recording)
        case "record/mark":
            return ApiCall("MarkRecording", {"text": text(arguments)})
        case "clip/save":
            return ApiCall("SaveClip", {})
        case "clip/save/last":
            return ApiCall("SaveClip", {"seconds": round(number(arguments))})
    return None


def _set(request: str, field: str, value: object, peer: str = "") -> ApiCall:
    fields = {"peer": peer, field: value} if peer else {field: value}
    return ApiCall(request, fields, (request, peer, field))


def _recording(*, on: bool) -> ApiCall:
    return ApiCall("StartRecording" if on else "StopRecording", {})


def _within(least: float, value: float, most: float) -> float:
    return round(min(most, max(least, value)), 2)
