from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.support import mac
from tests.support.mac.portaudio import PortAudio
from workers.audio.system import coreaudio, mac_stream


def test_what_is_asked_for_leaves_a_buffer_whatever_the_devices_own_latency() -> None:
    for fixed in mac.FIXED_FRAMES.values():
        asked_s = mac_stream.latency_s(0.020, (fixed + 64) / 48000)
        assert asked_s * 48000 - fixed >= 479.9
        assert asked_s >= 0.020
    assert mac_stream.latency_s(0.020, 0.0) == 0.020  # unknown
    assert mac_stream.latency_s(0.5, 0.1) == 0.5  # who asks for more gets it


@pytest.mark.skipif(not mac.can_build(), reason="needs Linux and a C compiler")
def test_the_streams_device_is_asked_of_portaudios_own_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coreaudio, "default_output", lambda: 90)
    stream = SimpleNamespace(_ptr=1)
    assert mac_stream.device_of(PortAudio(), stream, follows_default=False) == 81


@pytest.mark.parametrize("library", [SimpleNamespace(), SimpleNamespace(_libname="/none.dylib")])
def test_a_portaudio_that_cannot_tell_leaves_the_default_output_or_nothing(
    monkeypatch: pytest.MonkeyPatch, library: SimpleNamespace
) -> None:
    monkeypatch.setattr(coreaudio, "default_output", lambda: 90)
    assert mac_stream.device_of(library, SimpleNamespace(), follows_default=True) == 90
    assert mac_stream.device_of(library, SimpleNamespace(), follows_default=False) == 0
