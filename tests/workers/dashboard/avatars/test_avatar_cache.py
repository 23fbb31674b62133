"""How seldom PlayStation is asked for pictures."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path

from common.errors import PartylineError
from workers.dashboard.avatars.avatar_cache import KEEP_S, RETRY_S, AvatarCache


class Lookup:
    """What PlayStation was asked, and whether it answers."""

    def __init__(self, folder: Path) -> None:
        self.calls: list[list[str]] = []
        self.fails = False
        self.folder = folder

    def cache(self) -> AvatarCache:
        return AvatarCache(self.folder, self)

    async def find(self, account_ids: Sequence[str]) -> dict[str, str]:
        self.calls.append(list(account_ids))
        if self.fails:
            raise PartylineError("PlayStation is not there.", "Wait.")
        return {}

    def safe_url(self, url: str) -> str:
        del url
        return ""

    async def after(self, cache: AvatarCache, account_ids: Sequence[str], now: float) -> int:
        """Let these be wanted; return how often PlayStation has been asked by then."""
        cache.poll(account_ids, now)
        for _ in range(5):
            await asyncio.sleep(0)
        return len(self.calls)


async def test_all_who_are_new_are_asked_for_in_one_call_and_once_a_week(tmp_path: Path) -> None:
    asked = Lookup(tmp_path)
    cache = asked.cache()
    assert await asked.after(cache, ["1", "2", "bridge", "1"], 100.0) == 1
    assert await asked.after(cache, ["1", "2"], 101.0) == 1
    assert await asked.after(cache, ["1", "2", "3"], 102.0) == 2
    assert await asked.after(cache, ["1", "2", "3"], 100.0 + KEEP_S) == 3
    assert asked.calls == [["1", "2"], ["3"], ["1", "2"]]


async def test_after_a_failure_there_is_a_rest(tmp_path: Path) -> None:
    asked = Lookup(tmp_path)
    cache, asked.fails = asked.cache(), True
    assert await asked.after(cache, ["1"], 100.0) == 1
    assert await asked.after(cache, ["1", "2"], 99.0 + RETRY_S) == 1
    asked.fails = False
    assert await asked.after(cache, ["1", "2"], 100.0 + RETRY_S) == 2
    assert asked.calls[-1] == ["1", "2"]


async def test_what_is_kept_is_not_asked_for_until_it_is_old(tmp_path: Path) -> None:
    asked = Lookup(tmp_path)
    cache = asked.cache()
    kept = cache.file("1")
    kept.write_bytes(b"GIF89a\x01\0\x01\0")
    assert await asked.after(cache, ["1"], 100.0) == 0
    assert cache.images["1"].type == "image/gif"
    assert await asked.after(cache, [], 101.0) == 0
    assert cache.images == {}
    os.utime(kept, (time.time() - KEEP_S - 60,) * 2)
    assert await asked.after(cache, ["1"], 102.0) == 1
    assert not kept.exists()
