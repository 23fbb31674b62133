"""The state as OSC messages: address → value. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.client.talkers import SILENT_DB, PartyTalker
from integrations.osc.address_table import STRIPS, Form, of_place, stem, whole
from integrations.osc.desk import Desk
from integrations.osc.fader import meter_of, position_of
from integrations.osc.wire.osc_packets import Value

NOBODY: Mapping[str, Value] = {
    "fader": position_of(0.0), "gain": 0.0, "gain/text": "", "mute": 0, "solo": 0, "speaking": 0, "level": 0.0,
    "name": "", "account": "", "connected": 0,
}  # fmt: skip
"""What a place shows that nobody has."""
LEVEL_STEPS = 54
"""Steps of a level, one for each dB: finer ones are not seen, and would be sent all the time."""


def state_values(desk: Desk, forms: Sequence[Form]) -> dict[str, Value]:
    """Return all that is shown but levels, under the addresses of these forms."""
    if not desk.connected and not desk.talkers:
        return {whole("connected"): 0}
    found: dict[str, Value] = {}
    for form in forms:
        for talker in desk.talkers:
            start = stem(form, talker)
            found.update({f"{start}/{end}": value for end, value in _of_a_talker(talker).items()})
    if "talker" in forms:
        taken = {talker.place for talker in desk.talkers}
        for place in (place for place in range(1, STRIPS + 1) if place not in taken):
            found.update({of_place(place, end): value for end, value in NOBODY.items()})
    found.update({whole(path): value for path, value in _of_the_whole(desk).items()})
    return found


def level_values(levels: Mapping[str, Any], desk: Desk, forms: Sequence[Form]) -> dict[str, Value]:
    """Return the levels of a message ``audio.levels``. An empty one means silence."""
    found: dict[str, Value] = {whole("master/level"): _level(levels.get("mix", SILENT_DB))}
    talkers = levels.get("talkers", {})
    for form in forms:
        for talker in desk.talkers:
            found[f"{stem(form, talker)}/level"] = _level(talkers.get(talker.peer, SILENT_DB))
    return found


def decibels(gain_db: float) -> str:
    """Return a gain as labels show it, as `-3 dB` or `+2.5 dB`."""
    return "0 dB" if abs(gain_db) < 0.05 else f"{gain_db:+.1f}".removesuffix(".0") + " dB"


def _level(level_db: float) -> float:
    return round(meter_of(level_db) * LEVEL_STEPS) / LEVEL_STEPS


def _of_a_talker(talker: PartyTalker) -> dict[str, Value]:
    return {
        "fader": position_of(talker.gain_db),
        "gain": float(talker.gain_db),
        "gain/text": decibels(talker.gain_db),
        "mute": int(talker.muted),
        "solo": int(talker.solo),
        "speaking": int(talker.speaking),
        "name": talker.name,
        "account": talker.account_id,
        "connected": int(talker.connected),
    }


def _of_the_whole(desk: Desk) -> dict[str, Value]:
    return {
        "master/fader": position_of(desk.gain_db),
        "master/gain": float(desk.gain_db),
        "master/gain/text": decibels(desk.gain_db),
        "master/delay": float(desk.delay_ms),
        "master/delay/text": f"{desk.delay_ms:.0f} ms",
        "master/levelling": int(desk.levelling),
        "record": int(desk.recording),
        "record/seconds": desk.seconds,
        "record/time": _time(desk.seconds),
        "record/marks": desk.marks,
        "clip/keep": desk.clip_keep,
        "clip/kept": desk.clip_kept,
        "clip/last": desk.clip_last,
        "party/name": desk.party_name,
        "party/count": len(desk.talkers),
        "party/joined": int(desk.joined),
        "connected": int(desk.connected),
    }


def _time(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


NEAR = 0.0005
"""Difference of two floats that no control shows: 0.04 dB of a fader, half a step of a motor fader (1/1023)."""


def is_same(value: Value, shown: Value | None) -> bool:
    """Return whether a control that shows one value need not be sent the other."""
    if isinstance(value, float) and isinstance(shown, (int, float)):
        return abs(value - shown) < NEAR
    return value == shown
