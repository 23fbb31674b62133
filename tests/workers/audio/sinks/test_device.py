"""The device's sink on a PortAudio that behaves as on a Mac."""

from __future__ import annotations

import pytest

from tests.support import mac
from tests.support.mac.portaudio import OutputStream, PortAudio
from workers.audio.sinks import SinkError, device
from workers.audio.sinks.device import DeviceSink
from workers.audio.system import coreaudio, os_audio

pytestmark = pytest.mark.skipif(not mac.can_build(), reason="needs Linux and a C compiler")


class States:
    """`DeviceStates` that a test sets."""

    def __init__(self) -> None:
        self.watched = 0
        self.is_lost = False

    def watch(self, device: int) -> None:
        self.watched = device

    def has_lost(self, device: int, since_ns: int) -> bool:
        assert since_ns > 0
        return self.is_lost and device == self.watched


@pytest.fixture
def states() -> States:
    return States()


def on_a_mac(monkeypatch: pytest.MonkeyPatch, fixed: int = 1108) -> PortAudio:
    library = PortAudio(fixed, paced=False)
    monkeypatch.setattr(device, "_portaudio", lambda *, rescan: library)
    monkeypatch.setattr(os_audio, "IS_MAC", True)
    monkeypatch.setattr(os_audio, "_PREFERRED", ())
    monkeypatch.setattr(coreaudio, "default_output", lambda: 81)
    return library


def opened(library: PortAudio, states: States, wanted: str = "", **more) -> tuple[DeviceSink, OutputStream]:
    sink = DeviceSink(wanted, 20, states, rescan=False, **more)
    sink.open()
    return sink, library.streams[-1]


@pytest.mark.parametrize("fixed", mac.FIXED_FRAMES.values(), ids=mac.FIXED_FRAMES.keys())
def test_the_host_buffer_is_long_enough_whatever_the_devices_own_latency(
    monkeypatch: pytest.MonkeyPatch, states: States, fixed: int
) -> None:
    _, stream = opened(on_a_mac(monkeypatch, fixed), states)
    assert 240 <= stream.frames <= 960


def test_elsewhere_the_latency_is_asked_for_as_it_is_set(monkeypatch: pytest.MonkeyPatch, states: States) -> None:
    library = on_a_mac(monkeypatch, 7680)
    monkeypatch.setattr(os_audio, "IS_MAC", False)
    _, stream = opened(library, states)
    assert stream.frames == 15
    assert states.watched == 0


def test_the_buffer_the_calls_and_the_library_are_facts(monkeypatch: pytest.MonkeyPatch, states: States) -> None:
    library = on_a_mac(monkeypatch)
    sink, stream = opened(library, states)
    sink.play(lambda block, _now_ns: block.fill(0))
    now = [100.0]
    monkeypatch.setattr(device.time, "monotonic", lambda: now[0])
    sink.facts()
    for _ in range(300):
        stream.call()
    now[0] += 3.0
    facts = sink.facts()
    assert facts["device buffer"] == "480 samples"
    assert facts["device callbacks per s"] == "100"
    assert facts["portaudio file"] == library._libname


def test_a_stream_that_ends_is_a_device_that_went_away(monkeypatch: pytest.MonkeyPatch, states: States) -> None:
    sink, stream = opened(on_a_mac(monkeypatch), states)
    assert sink.poll() is None
    stream.finish()  # a change of the sample rate does that, too
    error = sink.poll()
    assert isinstance(error, SinkError)
    assert not error.stalled


def test_a_device_of_which_coreaudio_says_that_it_is_gone_went_away_whatever_the_stream_does(
    monkeypatch: pytest.MonkeyPatch, states: States
) -> None:
    sink, stream = opened(on_a_mac(monkeypatch), states, "MacBook")
    assert states.watched == 81
    stream.call()
    assert sink.poll() is None
    states.is_lost = True
    stream.call()  # it slid to the default output and goes on
    error = sink.poll()
    assert error is not None and "was disconnected" in error.message
    assert not error.stalled
    sink.close()
    assert states.watched == 0


def test_channels_that_the_device_lacks_are_told(monkeypatch: pytest.MonkeyPatch, states: States) -> None:
    library = on_a_mac(monkeypatch)
    sink, _ = opened(library, states, channels=(3, 9))
    assert sink.missing_channels() == (3, 9)
    library.channels = 4
    sink, _ = opened(library, states, channels=(3, 9))
    assert sink.missing_channels() == (9,)


def test_a_mac_without_blackhole_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, states: States) -> None:
    on_a_mac(monkeypatch)
    with pytest.raises(SinkError, match="'MacBook Air Speakers'") as caught:
        DeviceSink("BlackHole 2ch", 20, states, rescan=False).open()
    assert "brew install blackhole-2ch" in caught.value.remedy
    with pytest.raises(SinkError) as caught:
        DeviceSink("AirPods", 20, states, rescan=False).open()
    assert "Plug it in" in caught.value.remedy


def test_devices_that_macos_makes_for_a_program_are_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    library = on_a_mac(monkeypatch)
    library.devices = ["CADefaultDeviceAggregate-1234-0", "Speakers", "My Aggregate"]
    library._initialize()
    assert [(found.number, found.name) for found in os_audio.outputs(library)] == [(1, "Speakers"), (2, "My Aggregate")]
