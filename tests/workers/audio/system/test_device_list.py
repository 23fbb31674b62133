from __future__ import annotations

import pytest

from common.errors import PartylineError
from common.messages import OutputDevice
from workers.audio.system import device_list


def test_a_device_is_chosen_by_its_number_in_the_list() -> None:
    listed = tuple(OutputDevice(name=name, channels=2) for name in ("HDMI", "USB Audio", "USB Audio (2)", "7"))
    assert device_list.find_device(listed, "3").name == "USB Audio (2)"
    assert device_list.find_device(listed, "1").name == "HDMI"
    assert device_list.find_device(listed, "7").name == "7"
    for wanted in ("9", "0", "nothing", "\u0663"):
        with pytest.raises(PartylineError, match="Looked for"):
            device_list.find_device(listed, wanted)


def test_a_part_of_a_name_that_several_devices_have_is_asked_about() -> None:
    listed = tuple(OutputDevice(name=name, channels=2) for name in ("BlackHole 16ch", "BlackHole 2ch", "HDMI"))
    with pytest.raises(PartylineError, match="'BlackHole 16ch', 'BlackHole 2ch'") as caught:
        device_list.find_device(listed, "blackhole")
    assert "number" in caught.value.remedy
    assert device_list.find_device(listed, "blackhole 2").name == "BlackHole 2ch"
    assert device_list.find_device(listed, "BlackHole 16ch").name == "BlackHole 16ch"
