"""The layout for TouchOSC: 16 strips on one page, the mix, the recording and clips on another. No I/O."""

from __future__ import annotations

from integrations.osc.address_table import STRIPS, of_place, whole
from integrations.osc.fader import position_of
from integrations.osc.surfaces.tosc import Colour, Frame, OscLink, Property, control, document

FILE = "partyline.tosc"
WIDTH, HEIGHT = 1024, 768
"""A tablet in landscape."""
TABS = 40
PAGE = HEIGHT - TABS
STRIP = WIDTH // STRIPS
EDGE = 3
REFRESH_MS = 10_000
"""Interval of asking for the whole state, which mends what a wireless network lost, and keeps the tablet registered."""

GROUND: Colour = (0.09, 0.1, 0.12)
BLUE: Colour = (0.25, 0.5, 0.95)
GREEN: Colour = (0.2, 0.8, 0.4)
RED: Colour = (0.9, 0.25, 0.25)
AMBER: Colour = (0.95, 0.7, 0.2)
WHITE: Colour = (0.95, 0.95, 0.95)

ROOT_SCRIPT = f"""local asked = 0
function init()
  sendOSC('{whole("refresh")}')
end
function update()
  local now = getMillis()
  if now - asked > {REFRESH_MS} then
    asked = now
    sendOSC('{whole("refresh")}')
  end
end
"""
FADER_SCRIPT = """function onReceiveOSC(message, connections)
  return self.values.touch
end
"""
"""What comes while a finger is on the fader is left out."""


def layout() -> str:
    """Return the whole document."""
    frame: Frame = (0, 0, WIDTH, HEIGHT)
    pages = [
        _page("Talkers", [part for place in range(1, STRIPS + 1) for part in _strip(place)]),
        _page("Mix", _mix()),
    ]
    bar: dict[str, Property] = {
        "tabbar": True, "tabbarSize": TABS, "tabbarDoubleTap": False, "tabLabels": True, "textSizeOff": 16,
        "textSizeOn": 16, "background": False, "outline": False,
    }  # fmt: skip
    pager = control("PAGER", "pages", {"frame": frame, "color": GROUND, **bar}, values={"page": "0"}, children=pages)
    root: dict[str, Property] = {
        "frame": frame, "color": GROUND, "background": True, "outline": False, "script": ROOT_SCRIPT,
    }  # fmt: skip
    return document(control("GROUP", "partyline", root, values={"touch": "false"}, children=[pager]))


def _page(label: str, children: list[str]) -> str:
    look: dict[str, Property] = {
        "frame": (0, TABS, WIDTH, PAGE), "color": GROUND, "background": True, "outline": False, "tabLabel": label,
        "tabColorOff": GROUND, "tabColorOn": BLUE, "textColorOff": WHITE, "textColorOn": WHITE,
    }  # fmt: skip
    return control("GROUP", f"page {label}", look, values={"touch": "false"}, children=children)


def _strip(place: int) -> list[str]:
    x, width = (place - 1) * STRIP + EDGE, STRIP - 2 * EDGE
    return [
        _label(of_place(place, "name"), (x, 6, width, 30), size=12),
        _light(of_place(place, "speaking"), (x, 40, width, 14), GREEN),
        _fader(of_place(place, "fader"), (x, 60, 40, 480), BLUE),
        _meter(of_place(place, "level"), (x + 44, 60, width - 44, 480)),
        _label(of_place(place, "gain/text"), (x, 544, width, 26), size=12),
        *_switch(of_place(place, "mute"), "Mute", (x, 576, width, 68), RED),
        *_switch(of_place(place, "solo"), "Solo", (x, 650, width, 68), AMBER),
    ]


def _mix() -> list[str]:
    return [
        _label(whole("party/name"), (20, 16, 560, 40), size=22),
        *_caption("Connected", (600, 16, 130, 40)),
        _light(whole("connected"), (740, 26, 40, 20), GREEN),
        *_caption("Mix", (20, 66, 110, 30)),
        _fader(whole("master/fader"), (20, 100, 80, 520), BLUE),
        _meter(whole("master/level"), (104, 100, 26, 520)),
        _label(whole("master/gain/text"), (20, 626, 110, 30), size=16),
        *_switch(whole("master/levelling"), "Levelling", (20, 664, 110, 54), AMBER),
        *_switch(whole("record"), "Record", (190, 100, 240, 120), RED),
        _label(whole("record/time"), (190, 226, 240, 50), size=28),
        *_button(whole("record/mark"), "Mark", (190, 290, 240, 90), BLUE),
        *_button(whole("clip/save"), "Save clip", (470, 100, 240, 120), BLUE),
        *_caption("Seconds in memory", (470, 226, 160, 50)),
        _label(whole("clip/kept"), (640, 226, 70, 50), size=22),
        _label(whole("clip/last"), (470, 290, 534, 40), size=16),
        *_caption("Talkers", (750, 100, 120, 50)),
        _label(whole("party/count"), (880, 100, 70, 50), size=22),
        *_caption("Delay", (190, 420, 120, 40)),
        _label(whole("master/delay/text"), (320, 420, 110, 40), size=18),
        _label(whole("error"), (190, 640, 814, 78), size=16),
    ]


def _fader(address: str, frame: Frame, colour: Colour) -> str:
    look: dict[str, Property] = {
        "frame": frame, "color": colour, "orientation": 0, "grid": True, "gridSteps": 9, "bar": True, "cursor": True,
        "response": 0, "script": FADER_SCRIPT, "cornerRadius": 3,
    }  # fmt: skip
    values = {"x": f"{position_of(0.0):g}", "touch": "false"}
    return control("FADER", address, look, values=values, links=[OscLink(address)])


def _meter(address: str, frame: Frame) -> str:
    look: dict[str, Property] = {
        "frame": frame, "color": GREEN, "orientation": 0, "grid": False, "bar": True, "cursor": False,
        "interactive": False, "cornerRadius": 2,
    }  # fmt: skip
    return control("FADER", address, look, values={"x": "0"}, links=[OscLink(address, sends=False)])


def _light(address: str, frame: Frame, colour: Colour) -> str:
    look: dict[str, Property] = {"frame": frame, "color": colour, "interactive": False, "cornerRadius": 3}
    return control("BUTTON", address, look, values={"x": "0"}, links=[OscLink(address, sends=False)])


def _label(address: str, frame: Frame, *, size: int) -> str:
    link = OscLink(address, value="text", conversion="STRING", sends=False)
    return control("LABEL", address, _text_look(frame, size), values={"text": ""}, links=[link])


def _caption(words: str, frame: Frame) -> list[str]:
    return [control("LABEL", f"caption {words} {frame[0]}", _text_look(frame, 16), values={"text": words})]


def _text_look(frame: Frame, size: int) -> dict[str, Property]:
    return {
        "frame": frame, "background": False, "outline": False, "interactive": False, "textSize": size, "textAlignH": 2,
        "textAlignV": 2, "textClip": True, "textColor": WHITE, "color": GROUND,
    }  # fmt: skip


def _switch(address: str, words: str, frame: Frame, colour: Colour) -> list[str]:
    """Return a button that stays (type 2: it changes when it goes down), and the words on it."""
    look: dict[str, Property] = {"frame": frame, "color": colour, "buttonType": 2, "cornerRadius": 4}
    return [
        control("BUTTON", address, look, values={"x": "0"}, links=[OscLink(address)]),
        *_caption(words, frame),
    ]


def _button(address: str, words: str, frame: Frame, colour: Colour) -> list[str]:
    look: dict[str, Property] = {"frame": frame, "color": colour, "buttonType": 0, "cornerRadius": 4}
    link = OscLink(address, shows=False, condition="RISE")
    return [control("BUTTON", address, look, values={"x": "0"}, links=[link]), *_caption(words, frame)]
