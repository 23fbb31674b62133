"""Every OSC address there is: the one table for what is taken, what is sent, the notes and the layouts. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from integrations.client.talkers import PartyTalker

ROOT = "/partyline"
STRIPS = 16
"""Places that are always shown, as many as a party has members. Nobody's are empty."""
Form = Literal["talker", "name", "account"]
FORMS: tuple[Form, ...] = ("talker", "name", "account")
"""By place (`PartyTalker.place`), by online id, by account id."""
Way = Literal["both", "in", "out"]
"""Taken and sent, taken only, or sent only."""
OTHERS_IN_A_NAME = "_"


@dataclass(frozen=True)
class OscAddress:
    """One address, or its end below a talker's."""

    path: str
    kind: Literal["float", "int", "switch", "string", "button"]
    """What is sent, a switch as an int of 0 or 1. Other types are taken as well (`arguments`)."""
    way: Way
    words: str

    @property
    def is_taken(self) -> bool:
        return self.way != "out"

    @property
    def is_sent(self) -> bool:
        return self.way != "in"


OF_A_TALKER = (
    OscAddress("fader", "float", "both", "Gain as a fader's position: 0 is -60 dB, 0.75 is 0 dB, 1 is +20 dB"),
    OscAddress("gain", "float", "both", "Gain in dB, -60 to +20"),
    OscAddress("gain/step", "float", "in", "Change of the gain in dB, for encoders"),
    OscAddress("gain/text", "string", "out", "Gain for a label, as `-3 dB`"),
    OscAddress("mute", "switch", "both", "1: muted in the mix"),
    OscAddress("mute/toggle", "button", "in", "Mute or unmute"),
    OscAddress("solo", "switch", "both", "1: solo"),
    OscAddress("solo/toggle", "button", "in", "Solo or not"),
    OscAddress("speaking", "switch", "out", "1: speaks"),
    OscAddress("level", "float", "out", "Level as a meter shows it, 0 (-54 dBFS) to 1 (0 dBFS)"),
    OscAddress("name", "string", "out", "Online id. Empty: nobody has this place"),
    OscAddress("account", "string", "out", "Account id"),
    OscAddress("connected", "switch", "out", "1: the voice arrives"),
)  # fmt: skip
OF_THE_WHOLE = (
    OscAddress("master/fader", "float", "both", "Gain of the mix as a fader's position"),
    OscAddress("master/gain", "float", "both", "Gain of the mix in dB"),
    OscAddress("master/gain/step", "float", "in", "Change of it in dB"),
    OscAddress("master/gain/text", "string", "out", "Gain of the mix for a label"),
    OscAddress("master/delay", "float", "both", "Delay of the mix in ms, 0 to 2000"),
    OscAddress("master/delay/step", "float", "in", "Change of it in ms"),
    OscAddress("master/delay/text", "string", "out", "Delay for a label, as `120 ms`"),
    OscAddress("master/levelling", "switch", "both", "1: everybody is brought to one loudness"),
    OscAddress("master/level", "float", "out", "Level of the mix as a meter shows it"),
    OscAddress("record", "switch", "both", "1 starts a recording, 0 stops it. Sent: 1 while it records"),
    OscAddress("record/start", "button", "in", "Start a recording"),
    OscAddress("record/stop", "button", "in", "Stop it"),
    OscAddress("record/toggle", "button", "in", "Start or stop"),
    OscAddress("record/mark", "string", "in", "Set a mark, with the text if there is one"),
    OscAddress("record/seconds", "int", "out", "Length so far"),
    OscAddress("record/time", "string", "out", "Length for a label, as `1:02:03`"),
    OscAddress("record/marks", "int", "out", "Number of marks"),
    OscAddress("clip/save", "button", "in", "Save all that is kept in memory as a clip"),
    OscAddress("clip/save/last", "int", "in", "Save the last seconds"),
    OscAddress("clip/keep", "int", "both", "Seconds to keep in memory, 30 to 300. 0 switches it off"),
    OscAddress("clip/kept", "int", "out", "Seconds in memory by now"),
    OscAddress("clip/last", "string", "out", "Name of the latest clip"),
    OscAddress("party/name", "string", "out", "Name of the party"),
    OscAddress("party/count", "int", "out", "Talkers in the party"),
    OscAddress("party/joined", "switch", "out", "1: in a party"),
    OscAddress("register", "int", "in", "Be sent the state, to the port that is given or the one that this comes from"),
    OscAddress("unregister", "button", "in", "Be sent nothing any more"),
    OscAddress("refresh", "button", "in", "Be sent the whole state again"),
    OscAddress("ping", "button", "in", "Be answered with `/partyline/pong` and the version"),
    OscAddress("pong", "string", "out", "Answer to a ping"),
    OscAddress("connected", "switch", "out", "1: partyline runs and is reached. 0: what is shown is old"),
    OscAddress("error", "string", "out", "Why something that was sent was not done, and what to do"),
)  # fmt: skip
ENDS = {one.path: one for one in OF_A_TALKER}
WHOLE = {one.path: one for one in OF_THE_WHOLE}


def whole(path: str) -> str:
    """Return the full address of one of `OF_THE_WHOLE`. Raises `KeyError` for another."""
    return f"{ROOT}/{WHOLE[path].path}"


def of_place(place: int, end: str) -> str:
    """Return the full address of one of `OF_A_TALKER` by place. Raises `KeyError` for another."""
    return f"{ROOT}/talker/{place}/{ENDS[end].path}"


def stem(form: Form, talker: PartyTalker) -> str:
    """Return the part of a talker's addresses that stands before one of `OF_A_TALKER`."""
    match form:
        case "talker":
            part = str(talker.place)
        case "name":
            part = written(talker.name)
        case "account":
            part = written(talker.account_id)
    return f"{ROOT}/{form}/{part}"


def written(name: str) -> str:
    """Return a name as a part of an address, in which OSC 1.0 forbids some characters."""
    return "".join(
        letter if 32 < ord(letter) < 127 and letter not in "#*,/?[]{}" else OTHERS_IN_A_NAME for letter in name
    )
