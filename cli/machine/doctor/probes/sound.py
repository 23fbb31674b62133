"""The probe of PortAudio and its devices."""

from __future__ import annotations

import msgspec

from cli.machine.doctor.judge.sound import Sound
from cli.machine.doctor.surroundings import Surroundings

LIST_S = 15.0
"""CoreAudio may take seconds while a Bluetooth device connects."""


def sound(around: Surroundings) -> Sound:
    listed = msgspec.convert(around.run_python("cli.machine.doctor.children.sound", wait_s=LIST_S), Sound)
    audio = around.settings.audio
    return msgspec.structs.replace(listed, sink=audio.sink, wanted=audio.device, on_mac=around.is_mac)
