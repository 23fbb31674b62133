"""The audio worker on a Mac that is made up: `python -m tests.support.mac.audio_worker`.

`$FAKE_ASK` is the latency to ask for in seconds instead of the one that suits the device, for benchmarks.
"""

from __future__ import annotations

import ctypes
import os
import sys

from common.run.process import main
from tests.support.mac import library, portaudio
from workers.audio.system import coreaudio, mac_stream, os_audio
from workers.audio.worker import Audio


def on_this_mac() -> None:
    native = ctypes.CDLL(str(library()))
    os_audio.IS_MAC = True
    os_audio._PREFERRED = ()
    coreaudio._library = lambda: native
    sys.modules["sounddevice"] = portaudio.of_environment()
    if ask_s := os.environ.get("FAKE_ASK"):
        mac_stream.latency_s = lambda _wanted_s, _low_s: float(ask_s)


if __name__ == "__main__":
    on_this_mac()
    main(Audio)
