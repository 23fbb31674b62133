"""Two outputs on one device."""

from __future__ import annotations

import pytest

from common.errors import PartylineError
from workers.audio.play.outputs.doubles import check, refused


def test_the_later_output_on_a_device_is_refused_and_names_the_earlier() -> None:
    devices = [("main", "Speakers"), ("obs", "BlackHole 2ch"), ("ears", "speakers"), ("tv", "Speakers")]
    assert refused(devices) == {"ears": "main", "tv": "main"}


def test_devices_that_are_not_known_are_nobodys() -> None:
    assert refused([("main", ""), ("obs", ""), ("ears", "Speakers")]) == {}


def test_a_device_that_another_output_has_is_refused_in_words() -> None:
    others = [("main", "Speakers"), ("obs", "Bob\u2019s BlackHole")]
    with pytest.raises(PartylineError, match="The output 'obs' plays on \"Bob's BlackHole\" already") as caught:
        check("ears", "Bob's BlackHole", others)
    assert caught.value.code == "audio.output-double"
    check("obs", "Bob's BlackHole", others)
    check("ears", "TV", others)
    check("ears", "", [("main", "")])
