from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from simulator.hosts.pictures import png
from tests.workers.dashboard.stage import member
from workers.dashboard.avatars.avatar_updater import AvatarUpdater
from workers.dashboard.avatars.images import Avatars

BO = member(1)


class NoAvatars:
    """An `AvatarSource` that has none. `asked` has the lookups."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    async def find(self, account_ids: Sequence[str]) -> dict[str, str]:
        self.asked.append(list(account_ids))
        return {}

    def safe_url(self, url: str) -> str:
        return url


async def test_avatars_follow_the_folder_and_what_cannot_be_shown_is_a_problem(tmp_path: Path) -> None:
    avatars = Avatars(lambda: "key")
    updater = AvatarUpdater(avatars, tmp_path / "avatars", tmp_path / "cache", NoAvatars())
    updater.setup()
    updater.poll(None)
    assert updater.problem() is None
    assert avatars.of(BO).picture == ""
    file = tmp_path / "avatars" / f"{BO.online_id}.png"
    file.write_text("<svg/>")
    updater.poll(None)
    message, remedy = updater.problem() or ("", "")
    assert f"{BO.online_id}.png" in message
    assert "4 MB" in remedy
    file.write_bytes(png("bo", 10))
    updater.poll(None)
    assert updater.problem() is None
    assert avatars.of(BO).picture.startswith("/picture/")


async def test_playstation_is_asked_only_where_that_is_wanted(tmp_path: Path) -> None:
    source = NoAvatars()
    updater = AvatarUpdater(Avatars(lambda: "key"), tmp_path / "avatars", tmp_path / "cache", source)
    updater.poll(None)
    await asyncio.sleep(0)
    assert source.asked == []
    updater.poll(["1", "2"])
    await asyncio.sleep(0)
    assert source.asked == [["1", "2"]]
    await updater.close()
