"""What a surface does with an address, held against the table."""

from __future__ import annotations

from integrations.osc.address_table import OF_A_TALKER, OF_THE_WHOLE, STRIPS, OscAddress, of_place, whole

EVERY: dict[str, OscAddress] = {
    **{of_place(place, one.path): one for place in range(1, STRIPS + 1) for one in OF_A_TALKER},
    **{whole(one.path): one for one in OF_THE_WHOLE},
}
ON_EACH_STRIP = ("fader", "mute", "solo", "name", "speaking", "level")
ON_THE_MIX = ("master/fader", "record", "record/mark", "clip/save", "master/level", "connected", "party/name")


def check(address: str, *, sends: bool, shows: bool) -> None:
    """Fail unless the bridge takes what is sent to the address, and sends what is shown of it."""
    about = EVERY[address]
    assert not sends or about.is_taken, f"{address} is not taken"
    assert not shows or about.is_sent, f"{address} is not sent"
