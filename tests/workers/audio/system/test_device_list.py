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
