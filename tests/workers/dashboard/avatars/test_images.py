"""Pictures of members: whose they are, which are shown, where they are fetched."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.hosts.pictures import png
from tests.workers.dashboard.stage import member
from workers.dashboard.avatars.fetch import safe_url
from workers.dashboard.avatars.image_size import size_of
from workers.dashboard.avatars.images import Avatars, Image, LocalAvatar, image_of
from workers.dashboard.avatars.local_avatars import MOST_BYTES, LocalAvatars

BO, CLEO = member(1), member(2)
HOSTS = ("playstation.net", "playstation.com")
SIMULATOR = "http://127.0.0.1:8999/mobile"


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


HUGE = {
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 20_000, 20_000),
    "png, high": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 10, 4097),
    "gif": b"GIF89a" + struct.pack("<HH", 65_535, 1),
    "jpeg": b"\xff\xd8\xff\xe0\0\x04xx\xff\xff\xc2\0\x0b\x08" + struct.pack(">HH", 5000, 10) + b"\x01" * 9,
    "webp": b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 16_000, 16),
    "webp, lossless": b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", 16_000 | 10 << 14),
    "webp, extended": b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0" + b"\x3f\x42\x0f" * 2,
}


@pytest.mark.parametrize("kind", HUGE)
def test_a_picture_that_would_fill_memory_is_not_shown(kind: str) -> None:
    assert max(size_of(HUGE[kind])) > 4096
    assert image_of(HUGE[kind]) is None


def test_the_size_of_an_ordinary_picture_is_read() -> None:
    assert size_of(png("x", 10)) == (10, 10)
    assert size_of(b"GIF89a" + struct.pack("<HH", 300, 200)) == (300, 200)


@given(st.sampled_from([b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF1234WEBP"]), st.binary(max_size=80))
def test_any_bytes_have_a_size_or_none(head: bytes, rest: bytes) -> None:
    width, height = size_of(head + rest)
    assert width >= 0
    assert height >= 0


def test_ones_own_picture_comes_before_that_of_playstation() -> None:
    avatars = Avatars(lambda: "key", fetched={BO.account_id: picture("theirs"), CLEO.account_id: picture("hers")})
    theirs = avatars.of(BO).picture
    avatars.own = {BO.online_id.casefold(): LocalAvatar(still=picture("mine"), speaking=picture("mine, mouth open"))}
    shown = avatars.of(BO)
    assert len({theirs, shown.picture, shown.speaking_picture, avatars.of(CLEO).picture}) == 4
    assert avatars.at(shown.picture.rpartition("/")[2]) == picture("mine")
    assert avatars.at(shown.speaking_picture.rpartition("/")[2]) == picture("mine, mouth open")
    avatars.own = {BO.online_id.casefold(): LocalAvatar(speaking=picture("mine, mouth open"))}
    assert avatars.of(BO).picture == theirs


def test_an_address_holds_for_its_key_only_and_tells_nothing() -> None:
    keys = ["one"]
    avatars = Avatars(lambda: keys[0], fetched={BO.account_id: picture("theirs")})
    name = avatars.of(BO).picture.rpartition("/")[2]
    assert BO.account_id not in name
    assert avatars.at("0" * 40) is None
    keys[0] = "another"
    assert avatars.at(name) is None


@pytest.mark.parametrize(
    ("url", "fetched"),
    [
        ("https://psn-rsc.prod.dl.playstation.net/a/x.png", "https://psn-rsc.prod.dl.playstation.net/a/x.png"),
        ("http://static-resource.np.playstation.net/x.png?v=1", "https://static-resource.np.playstation.net/x.png?v=1"),
        ("http://127.0.0.1:8999/pictures/1_xl.png", "http://127.0.0.1:8999/pictures/1_xl.png"),
        ("http://127.0.0.1:22/x.png", ""),
        ("http://169.254.169.254/latest/meta-data", ""),
        ("https://playstation.net.evil.example/x.png", ""),
        ("https://notplaystation.net/x.png", ""),
        ("https://playstation.net@evil.example/x.png", ""),
        ("https://user:secret@a.playstation.net/x.png", ""),
        ("https://a.playstation.net:8443/x.png", ""),
        ("file:///etc/passwd", ""),
        ("//a.playstation.net/x.png", ""),
        ("https://[bad", ""),
        ("", ""),
    ],
)
def test_a_picture_is_fetched_by_https_from_playstations_hosts_or_from_the_simulator(url: str, fetched: str) -> None:
    assert safe_url(url, HOSTS, SIMULATOR) == fetched
    if "127.0.0.1" in url:
        assert safe_url(url, HOSTS, "https://m.np.playstation.com") == ""


def test_a_folder_of_pictures_is_read_as_it_changes_and_says_what_it_cannot_show(tmp_path: Path) -> None:
    own = LocalAvatars(tmp_path / "avatars")
    assert not own.look()  # no folder yet
    own.folder.mkdir()
    (own.folder / "Bo-Streams.PNG").write_bytes(png("bo", 10))
    (own.folder / "bo-streams.speaking.png").write_bytes(png("bo speaks", 10))
    (own.folder / "Cleo_99.speaking.gif").write_bytes(b"GIF89a\x01\0\x01\0")
    (own.folder / "Duncan.png").write_text("<svg/>")
    (own.folder / "notes.txt").write_text("not a picture at all")
    (own.folder / "ella.jpg").mkdir()
    with (own.folder / "Finn.webp").open("wb") as large:
        large.truncate(MOST_BYTES + 1)
    assert own.look()
    assert set(own.refused) == {"Duncan.png", "Finn.webp", "ella.jpg"}
    assert own.by_name == {
        "bo-streams": LocalAvatar(still=picture("bo"), speaking=picture("bo speaks")),
        "cleo_99": LocalAvatar(speaking=Image(b"GIF89a\x01\0\x01\0", "image/gif")),
    }
    assert not own.look()
    for number in range(20):
        (own.folder / f"zoe{number:02}.png").write_bytes(png("zoe", 8) + bytes(MOST_BYTES - 1000))
    assert own.look()
    assert "zoe14" in own.by_name
    assert "all together" in own.refused["zoe19.png"]
    (own.folder / "zoe00.png").unlink()
    (own.folder / "zoe01.png").unlink()
    own.look()
    assert "zoe16" in own.by_name
    (own.folder / "Bo-Streams.PNG").unlink()
    (own.folder / "Duncan.png").write_bytes(png("duncan", 12))
    assert own.look()
    assert own.by_name["bo-streams"].still is None
    assert own.by_name["duncan"].still == image_of(png("duncan", 12))
