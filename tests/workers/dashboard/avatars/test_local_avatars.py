from __future__ import annotations

from pathlib import Path

from simulator.hosts.pictures import png
from tests.workers.dashboard.avatars.test_images import picture
from workers.dashboard.avatars.images import Image, LocalAvatar, image_of
from workers.dashboard.avatars.local_avatars import MOST_BYTES, LocalAvatars


def test_a_folder_of_pictures_is_read_as_it_changes_and_says_what_it_cannot_show(tmp_path: Path) -> None:
    own = LocalAvatars(tmp_path / "avatars")
    assert not own.poll()  # no folder yet
    own.folder.mkdir()
    (own.folder / "Bo-Streams.PNG").write_bytes(png("bo", 10))
    (own.folder / "bo-streams.speaking.png").write_bytes(png("bo speaks", 10))
    (own.folder / "Cleo_99.speaking.gif").write_bytes(b"GIF89a\x01\0\x01\0")
    (own.folder / "Duncan.png").write_text("<svg/>")
    (own.folder / "notes.txt").write_text("not a picture at all")
    (own.folder / "ella.jpg").mkdir()
    with (own.folder / "Finn.webp").open("wb") as large:
        large.truncate(MOST_BYTES + 1)
    assert own.poll()
    assert set(own.refused) == {"Duncan.png", "Finn.webp", "ella.jpg"}
    assert own.by_name == {
        "bo-streams": LocalAvatar(still=picture("bo"), speaking=picture("bo speaks")),
        "cleo_99": LocalAvatar(speaking=Image(b"GIF89a\x01\0\x01\0", "image/gif")),
    }
    assert not own.poll()
    for number in range(20):
        (own.folder / f"zoe{number:02}.png").write_bytes(png("zoe", 8) + bytes(MOST_BYTES - 1000))
    assert own.poll()
    assert "zoe14" in own.by_name
    assert "all pictures together" in own.refused["zoe19.png"]
    (own.folder / "zoe00.png").unlink()
    (own.folder / "zoe01.png").unlink()
    own.poll()
    assert "zoe16" in own.by_name
    (own.folder / "Bo-Streams.PNG").unlink()
    (own.folder / "Duncan.png").write_bytes(png("duncan", 12))
    assert own.poll()
    assert own.by_name["bo-streams"].still is None
    assert own.by_name["duncan"].still == image_of(png("duncan", 12))


def test_a_speaker_may_have_several_pictures_the_louder_the_later(tmp_path: Path) -> None:
    own = LocalAvatars(tmp_path)
    for name in ("speaking3", "speaking", "speaking2"):
        (tmp_path / f"Bo.{name}.png").write_bytes(png(name, 10))
    (tmp_path / "Cleo.speaking4.png").write_bytes(png("only", 10))
    (tmp_path / "Cleo.speaking5.png").write_bytes(png("one too many", 10))
    own.poll()
    louder = (picture("speaking2"), picture("speaking3"))
    assert own.by_name["bo"] == LocalAvatar(speaking=picture("speaking"), louder=louder)
    assert own.by_name["cleo"] == LocalAvatar(speaking=picture("only"))
