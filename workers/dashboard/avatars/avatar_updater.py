"""Keeps the members' avatars up to date, from the local folder and from PlayStation."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path

from workers.dashboard.avatars.avatar_cache import AvatarCache
from workers.dashboard.avatars.images import TYPES, Avatars
from workers.dashboard.avatars.local_avatars import MOST_BYTES, LocalAvatars
from workers.dashboard.avatars.playstation_avatars import AvatarSource


class AvatarUpdater:
    """Fills `avatars`. Call `poll` once a second while a page is open."""

    def __init__(self, avatars: Avatars, folder: Path, cache: Path, source: AvatarSource) -> None:
        self._avatars = avatars
        self._folder = folder
        self._local = LocalAvatars(folder)
        self._cache = AvatarCache(cache, source)

    def setup(self) -> None:
        """Create the folder, as a convenience for the user."""
        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, exist_ok=True)

    def poll(self, account_ids: Sequence[str] | None) -> None:
        """Read new local avatars, and those of `account_ids` from PlayStation unless it is None."""
        if self._local.poll():
            self._avatars.set_local(self._local.by_name)
        if account_ids is not None:
            self._cache.poll(account_ids, time.monotonic())
            self._avatars.set_fetched(self._cache.images)

    def problem(self) -> tuple[str, str] | None:
        """Return message and remedy for local avatars that cannot be shown, or None."""
        refused = self._local.refused
        if not refused:
            return None
        reasons = "; ".join(f"{name}: {why}" for name, why in refused.items())
        return (
            f"A picture in {self._folder} cannot be shown. {reasons}.",
            f"Save it as {TYPES} of at most {MOST_BYTES // 1024**2} MB, or remove it.",
        )

    async def close(self) -> None:
        await self._cache.close()
