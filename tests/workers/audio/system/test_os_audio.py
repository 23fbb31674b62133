from __future__ import annotations

import pytest

from workers.audio.system import os_audio
from workers.audio.system.os_audio import OutputInfo as Device

DEVICES = [Device(0, "hw:0 HDMI"), Device(3, "pulse"), Device(4, "default"), Device(5, "BlackHole 2ch")]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("blackhole", 5), ("HDMI", 0), ("Pulse", 3), ("default", 4), ("nothing", None)],
)
def test_a_device_is_chosen_by_part_of_its_name(wanted: str, found: int | None) -> None:
    device = os_audio.choose(DEVICES, 4, wanted)
    assert (device.number if device else None) == found


def test_an_exact_name_wins_over_a_longer_one() -> None:
    assert os_audio.choose([Device(0, "USB Audio 2"), Device(1, "USB Audio")], 0, "usb audio") == Device(1, "USB Audio")


@pytest.mark.parametrize(
    "typed",
    [
        "Sam's AirPods",
        "Sam\u2019s AirPods",
        "sam`s airpods",
        "Sam's\u00a0AirPods",
        "  sam's  airpods ",
        "Sam\u02bcs AirPods Pro Zoe\u0301",
    ],
)
@pytest.mark.parametrize("name", ["Sam\u2019s AirPods Pro Zo\u00e9", "Sam's\u00a0AirPods Pro Zoe\u0301"])
def test_a_name_is_found_as_people_type_it(typed: str, name: str) -> None:
    assert os_audio.choose([Device(0, "AirPods"), Device(1, name)], 0, typed) == Device(1, name)


def test_two_devices_of_one_name_are_told_apart_and_the_second_can_be_chosen() -> None:
    there = os_audio.unique_names(
        [Device(3, "USB Audio"), Device(5, "USB\u00a0audio"), Device(6, "USB Audio"), Device(7, "HDMI")]
    )
    assert [device.name for device in there] == ["USB Audio", "USB\u00a0audio (2)", "USB Audio (3)", "HDMI"]
    assert [os_audio.choose(there, 0, device.name) for device in there] == there
    assert (
        len({device.name for device in os_audio.unique_names([Device(0, "A (2)"), Device(1, "A"), Device(2, "A")])})
        == 3
    )


def test_without_a_wish_the_sound_server_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os_audio, "_PREFERRED", ("pulse", "pipewire", "default"))
    assert os_audio.choose(DEVICES, 0, "") == Device(3, "pulse")
    assert os_audio.choose([Device(0, "hw:0"), Device(1, "hw:1")], 1, "") == Device(1, "hw:1")
    assert os_audio.choose([Device(0, "hw:0")], -1, "") == Device(0, "hw:0")
    assert os_audio.choose([], -1, "") is None


def test_a_missing_device_is_told_with_what_was_looked_for_and_what_there_is() -> None:
    message, remedy = os_audio.describe_missing(DEVICES[:2], "Speakers")
    assert "'Speakers'" in message
    assert "'hw:0 HDMI', 'pulse'" in message
    assert "[audio] device" in remedy
    message, remedy = os_audio.describe_missing([], "")
    assert "no output device at all" in message
    assert remedy


def test_a_row_lies_on_its_channel_where_the_device_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os_audio, "IS_MAC", False)
    assert os_audio.layout((), 2) == os_audio.Layout(2, ())
    assert os_audio.layout((), 1) == os_audio.Layout(1, ())
    assert os_audio.layout((3, 6), 16) == os_audio.Layout(6, (2, 5))
    assert os_audio.layout((3, 6), 4) == os_audio.Layout(3, (2, 0))


def test_on_a_mac_the_channel_map_leads_each_row_to_its_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os_audio, "IS_MAC", True)
    laid = os_audio.layout((3, 6, 20), 8)
    assert laid == os_audio.Layout(4, (2, 3, 0), (0, 1, 2, -1, -1, 3, -1, -1))
