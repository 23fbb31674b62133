"""The check of received messages and the form of sent ones, by the way of each undecided fact."""

from __future__ import annotations

import base64
import binascii
import re

import msgspec

from common.psn.miranda import frames
from common.psn.miranda.frames import MirandaFrame, MirandaMessage
from simulator.facts import rests_on
from simulator.facts.miranda import ANSWER_CLOCK, LINE, OFFSET_8, PLACE_1, SSRC_LINES
from simulator.facts.ways import Ways

_OPUS = re.compile(r"^(a=rtpmap:\d+ opus/)(\d+)(?=/2)", re.MULTILINE)
_SSRC = re.compile(r"^a=ssrc:.*\r\n", re.MULTILINE)
_PLACE = 1


class Counters:
    """Counters of the u32 at offset 8, one per sender."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def next(self, sender: str) -> int:
        """Return the number for the sender's next message, from 0."""
        return self._last.get(sender, -1) + 1

    def grows(self, sender: str, counter: int) -> bool:
        """Record a number and return whether it is above the sender's last one."""
        grown = counter > self._last.get(sender, -1)
        if grown:
            self._last[sender] = counter
        return grown


@rests_on(OFFSET_8, LINE, ANSWER_CLOCK, SSRC_LINES, PLACE_1)
def unfit(frame: MirandaFrame, sender: str, custom_data4: str, ways: Ways, counters: Counters) -> str:
    """Return why a console would not understand a message, empty if it would.

    `sender` is its peer key, `custom_data4` the value in its member entry.
    """
    if why := _frame_unfit(frame, sender, ways, counters) or _sdp_unfit(frame.message, ways):
        return why
    return "place 1 of customData4" if _holds_number(custom_data4) != (ways.of(PLACE_1) == "number") else ""


def _frame_unfit(frame: MirandaFrame, sender: str, ways: Ways, counters: Counters) -> str:
    if ways.of(OFFSET_8) == "one" and frame.counter != 1:
        return f"{frame.counter} at offset 8, not 1"
    if ways.of(OFFSET_8) == "counter" and not counters.grows(sender, frame.counter):
        return f"{frame.counter} at offset 8 does not grow"
    if frame.prefix != f"{ways.of(LINE)}\n":
        return f"the line {frame.prefix.strip()[:20]} before the JSON"
    return ""


def _sdp_unfit(message: MirandaMessage, ways: Ways) -> str:
    sdp = message.sdp
    if message.kind == "answer" and (opus := _OPUS.search(sdp)) and opus[2] != ways.of(ANSWER_CLOCK):
        return f"an answer with Opus at {opus[2]}"
    if bool(_SSRC.search(sdp)) != (ways.of(SSRC_LINES) == "as-captured"):
        return "ssrc lines" if _SSRC.search(sdp) else "no ssrc lines"
    return ""


@rests_on(OFFSET_8, LINE, ANSWER_CLOCK, SSRC_LINES)
def dressed(message: MirandaMessage, sender: str, ways: Ways, counters: Counters) -> MirandaFrame:
    """Return the frame in which a console sends `message`."""
    sdp = message.sdp
    if message.kind == "answer":
        sdp = _OPUS.sub(rf"\g<1>{ways.of(ANSWER_CLOCK)}", sdp)
    if ways.of(SSRC_LINES) == "none":
        sdp = _SSRC.sub("", sdp)
    frame = frames.frame(msgspec.structs.replace(message, sdp=sdp))
    counter = 1 if ways.of(OFFSET_8) == "one" else counters.next(sender)
    return msgspec.structs.replace(frame, counter=counter, prefix=f"{ways.of(LINE)}\n")


def place_1(ways: Ways) -> str:
    """Return the consoles' value at place 1 of customData4."""
    return base64.b64encode((1).to_bytes(4, "little")).decode() if ways.of(PLACE_1) == "number" else ""


def _holds_number(custom_data4: str) -> bool:
    """Return whether place 1 is base64 of a little-endian u32, as captured after a while."""
    try:
        places = msgspec.json.decode(base64.b64decode(custom_data4, validate=True), type=list[str])
        return len(base64.b64decode(places[_PLACE], validate=True)) == 4
    except (binascii.Error, ValueError, IndexError, msgspec.DecodeError):
        return False
