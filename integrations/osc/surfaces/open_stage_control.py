"""The session for Open Stage Control, which also speaks MIDI: 16 strips and the recording. No I/O.

Open Stage Control fills in the properties that are left out. Not opened in it yet.
"""

from __future__ import annotations

import json
from typing import Any

from integrations.osc.address_table import STRIPS, of_place, whole
from integrations.osc.fader import position_of

FILE = "partyline-open-stage-control.json"
STRIP_PERCENT = 100 / (STRIPS + 1)


def session() -> str:
    """Return the file's text."""
    strips = [_strip(place) for place in range(1, STRIPS + 1)]
    root = {
        "type": "root", "id": "root", "layout": "horizontal", "scroll": False, "widgets": [*strips, _master()],
        "tabs": [],
    }  # fmt: skip
    made = {"createdWith": "Open Stage Control", "version": "1.30.1", "type": "session", "content": root}
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def _strip(place: int) -> dict[str, Any]:
    return _panel(
        f"talker_{place}",
        _text(f"name_{place}", of_place(place, "name")),
        _shown_button(f"speaking_{place}", of_place(place, "speaking"), "●"),
        _fader(f"fader_{place}", of_place(place, "fader")),
        _meter(f"level_{place}", of_place(place, "level")),
        _text(f"gain_{place}", of_place(place, "gain/text")),
        _toggle(f"mute_{place}", of_place(place, "mute"), "Mute"),
        _toggle(f"solo_{place}", of_place(place, "solo"), "Solo"),
    )


def _master() -> dict[str, Any]:
    return _panel(
        "mix",
        _text("party", whole("party/name")),
        _shown_button("connected", whole("connected"), "●"),
        _fader("master", whole("master/fader")),
        _meter("mix_level", whole("master/level")),
        _text("mix_gain", whole("master/gain/text")),
        _toggle("record", whole("record"), "Rec"),
        _text("time", whole("record/time")),
        _push("mark", whole("record/mark"), "Mark"),
        _push("clip", whole("clip/save"), "Clip"),
    )


def _panel(name: str, *widgets: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "panel", "id": name, "layout": "vertical", "width": f"{STRIP_PERCENT:.2f}%", "scroll": False,
        "widgets": list(widgets), "tabs": [],
    }  # fmt: skip


def _fader(name: str, address: str) -> dict[str, Any]:
    return {
        "type": "fader", "id": name, "address": address, "range": {"min": 0, "max": 1}, "expand": 3, "decimals": 4,
        "default": position_of(0.0), "doubleTap": True, "ignoreDefaults": False, "typeTags": "f",
    }  # fmt: skip


def _meter(name: str, address: str) -> dict[str, Any]:
    return {
        "type": "fader", "id": name, "address": address, "range": {"min": 0, "max": 1}, "design": "compact",
        "horizontal": True, "interaction": False, "bypass": True, "height": 20,
    }  # fmt: skip


def _text(name: str, address: str) -> dict[str, Any]:
    return {"type": "text", "id": name, "address": address, "height": 30, "bypass": True}


def _toggle(name: str, address: str, label: str) -> dict[str, Any]:
    return {
        "type": "button", "id": name, "address": address, "label": label, "mode": "toggle", "on": 1, "off": 0,
        "typeTags": "i", "height": 60,
    }  # fmt: skip


def _push(name: str, address: str, label: str) -> dict[str, Any]:
    return {**_toggle(name, address, label), "mode": "tap"}


def _shown_button(name: str, address: str, label: str) -> dict[str, Any]:
    return {**_toggle(name, address, label), "interaction": False, "bypass": True, "height": 24}
