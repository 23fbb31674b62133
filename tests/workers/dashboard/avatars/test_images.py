"""Pictures of members: which are shown, and by which address."""

from __future__ import annotations

import pytest

from simulator.hosts.pictures import png
from tests.workers.dashboard.avatars.test_image_size import HUGE
from tests.workers.dashboard.stage import member
from workers.dashboard.avatars.images import Avatars, Image, LocalAvatar, image_of

BO, CLEO = member(1), member(2)


def picture(name: str) -> Image:
    found = image_of(png(name, 10))
    assert found
    return found


def test_the_type_is_read_off_the_bytes_and_nothing_that_could_hold_a_script_is_shown() -> None:
    assert picture("x").type == "image/png"
    assert image_of(b"\xff\xd8\xff\xe0rest") == Image(b"\xff\xd8\xff\xe0rest", "image/jpeg")
    assert image_of(b"RIFF\x10\0\0\0WEBPVP8 ") is not None
    for body in (b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"RIFF\x10\0\0\0WAVE", b"\x89PN"):
        assert image_of(body) is None


@pytest.mark.parametrize("kind", HUGE)
def test_a_picture_that_would_fill_memory_is_not_shown(kind: str) -> None:
    assert image_of(HUGE[kind]) is None


def test_ones_own_picture_comes_before_that_of_playstation() -> None:
    avatars = Avatars(lambda: "key")
    avatars.set_fetched({BO.account_id: picture("theirs"), CLEO.account_id: picture("hers")})
    theirs = avatars.of(BO).picture
    local = LocalAvatar(still=picture("mine"), speaking=picture("mine, mouth open"))
    avatars.set_local({BO.online_id.casefold(): local})
    shown = avatars.of(BO)
    assert len({theirs, shown.picture, shown.speaking_picture, avatars.of(CLEO).picture}) == 4
    assert avatars.at(shown.picture.rpartition("/")[2]) == picture("mine")
    assert avatars.at(shown.speaking_picture.rpartition("/")[2]) == picture("mine, mouth open")
    avatars.set_local({BO.online_id.casefold(): LocalAvatar(speaking=picture("mine, mouth open"))})
    assert avatars.of(BO).picture == theirs


def test_an_address_holds_for_its_key_only_and_tells_nothing() -> None:
    keys = ["one"]
    avatars = Avatars(lambda: keys[0])
    avatars.set_fetched({BO.account_id: picture("theirs")})
    name = avatars.of(BO).picture.rpartition("/")[2]
    assert BO.account_id not in name
    assert avatars.at("0" * 40) is None
    keys[0] = "another"
    assert avatars.at(name) is None
