"""Which device `partyline obs setup --device` takes."""

from __future__ import annotations

import pytest

from common.obs.change.devices import DeviceRequest, choose_device, is_on_mac, usual_devices
from common.obs.connection import ObsError

TWO, SIXTEEN, MIC = ("BlackHole 2ch", "id-2"), ("BlackHole 16ch", "id-16"), ("MacBook Microphone", "mic")
ITEMS = [SIXTEEN, TWO, MIC]


def request(device: str = "", *usual: str, playing: str = "") -> DeviceRequest:
    return DeviceRequest(device, usual, playing)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (request("BlackHole 2ch"), TWO),
        (request("blackhole", playing="BlackHole 2ch"), TWO),
        (request("", "BlackHole 16ch", "BlackHole"), SIXTEEN),
        (request("", "MacBook Air Speakers", "BlackHole 2ch"), TWO),  # what plays now cannot be captured
        (request("micro", playing="BlackHole 2ch"), MIC),
    ],
)
def test_the_named_device_is_taken_and_otherwise_what_plays_now(wanted: DeviceRequest, found: tuple[str, str]) -> None:
    assert choose_device(ITEMS, wanted) == found


@pytest.mark.parametrize("wanted", [request("BlackHole"), request("", "BlackHole", playing="AirPods")])
def test_a_name_that_several_have_is_asked_about(wanted: DeviceRequest) -> None:
    with pytest.raises(ObsError, match="BlackHole 16ch, BlackHole 2ch") as caught:
        choose_device(ITEMS, wanted)
    assert "--device 'BlackHole 16ch'" in caught.value.remedy


def test_one_that_is_missing_is_said_with_those_that_are_there() -> None:
    with pytest.raises(ObsError, match="no BlackHole"):
        choose_device([MIC], request("", "MacBook Air Speakers", "BlackHole"))
    with pytest.raises(ObsError, match="No device was named"):
        choose_device(ITEMS, request())


def test_what_plays_now_comes_first_and_blackhole_last_and_on_a_mac_only() -> None:
    assert usual_devices("BlackHole 2ch", "Speakers", is_mac=True) == ("BlackHole 2ch", "Speakers", "BlackHole")
    assert usual_devices("", "", is_mac=False) == ()


@pytest.mark.parametrize(
    ("answer", "mac"),
    [({"platform": "macos"}, True), ({"platform": "osx"}, True), ({"platform": "debian"}, False), ({}, False)],
)
def test_an_obs_on_a_mac_is_known_by_what_it_says(answer: dict[str, str], mac: bool) -> None:
    assert is_on_mac(answer) is mac
