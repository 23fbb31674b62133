"""The probe of PortAudio and its devices."""

from __future__ import annotations

from typing import assert_never

import msgspec

from cli.machine.doctor.judge.sound import Sound
from cli.machine.doctor.surroundings import Surroundings
from common.basic.values import SinkKind

LIST_S = 15.0
"""CoreAudio may take seconds while a Bluetooth device connects."""


def sound(around: Surroundings) -> Sound:
    listed = msgspec.convert(around.run_python("cli.machine.doctor.children.sound", wait_s=LIST_S), Sound)
    audio = around.settings.audio
    needs = _needs_device(audio.sink)
    outputs = {name: output.device for name, output in audio.outputs.items()}
    return msgspec.structs.replace(
        listed, needs_device=needs, wanted=audio.device, outputs=outputs, on_mac=around.is_mac
    )


def _needs_device(sink: SinkKind) -> bool:
    match sink:
        case "device":
            return True
        case "file" | "null":
            return False
        case _:
            assert_never(sink)
