"""Voices that are on the stream twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.obs.judge.double_sound import CapturingSource, is_capture, remarks

DESKTOP = CapturingSource("Desktop Audio", "pulse_output_capture", {"device_id": "default"}, "Default")
BLACKHOLE = CapturingSource("Game", "coreaudio_input_capture", {"device_id": "uid-2"}, "BlackHole 2ch")


def twice(
    capture: CapturingSource, device: str = "Speakers", *, is_default: bool = True, ours_sound: bool = True
) -> bool:
    return bool(remarks([capture], device, is_default=is_default, ours_sound=ours_sound))


def test_desktop_audio_brings_them_again_if_we_play_on_the_default_device():
    assert twice(DESKTOP)
    assert not twice(DESKTOP, is_default=False)


@pytest.mark.parametrize("changed", [{"muted": True}, {"is_active": False}])
def test_a_source_that_is_not_heard_does_not(changed):
    assert not twice(replace(DESKTOP, **changed))


def test_without_a_device_or_a_source_of_ours_nothing_is_twice():
    assert not twice(DESKTOP, "")
    assert not twice(DESKTOP, ours_sound=False)


def test_another_source_of_the_same_device_does():
    assert twice(BLACKHOLE, "BlackHole 2ch", is_default=False)
    assert not twice(BLACKHOLE, "MacBook Speakers")


@pytest.mark.parametrize(("kind", "type_", "found"), [("sck_audio_capture", 0, True), ("screen_capture", 1, False)])
def test_a_macs_capture_of_everything_does_and_one_of_an_application_does_not(kind, type_, found):
    assert is_capture(kind)
    assert twice(CapturingSource("Mac", kind, {"type": type_})) is found


def test_the_remark_names_the_source_and_what_to_do():
    [remark] = remarks([DESKTOP], "Speakers", is_default=True, ours_sound=True)
    assert "Desktop Audio" in remark.message
    assert "Mute Desktop Audio" in remark.remedy


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("pulse_output_capture", True),
        ("wasapi_output_capture", True),
        ("coreaudio_input_capture", True),
        ("pulse_input_capture", True),
        ("browser_source", False),
    ],
)
def test_what_captures_a_device_is_known_by_its_kind(kind, found):
    assert is_capture(kind) is found


def test_the_default_microphone_is_not_the_default_output():
    microphone = CapturingSource("Mic", "coreaudio_input_capture", {"device_id": "default"}, "MacBook Microphone")
    assert not twice(microphone, "Speakers", is_default=True)
