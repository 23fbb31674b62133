"""The avatar cache, filled (seldom) from PlayStation."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from common.errors import PartylineError
from common.files.paths import write_atomically
from common.psn.http.sessions import CONNECTION_FAULTS
from workers.dashboard.avatars.fetch import fetch
from workers.dashboard.avatars.images import Image, image_of
from workers.dashboard.avatars.playstation_avatars import AvatarSource

KEEP_S = 7 * 86400.0
"""Age at which an avatar is looked up again. Chosen because avatars change seldom and lookups cost calls."""
RETRY_S = 600.0
"""Pause after a failed lookup."""


class AvatarCache:
    """Members' avatars. Call `poll` once a second while a page is open."""

    def __init__(self, folder: Path, source: AvatarSource) -> None:
        self.images: dict[str, Image] = {}
        """Avatars of the accounts of the last `poll`, by account id."""
        self._folder = folder
        self._source = source
        self._looked_up: dict[str, float] = {}
        """Account id → monotonic time of the last lookup, successful or not."""
        self._retry_at = 0.0
        self._fetching: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("dashboard")

    def poll(self, account_ids: Sequence[str], now: float) -> None:
        """Fetch the missing avatars of these accounts into `images`. `now` is in monotonic seconds."""
        wanted = list(dict.fromkeys(account for account in account_ids if account.isdecimal()))
        for gone in set(self.images) - set(wanted):
            del self.images[gone]
        missing = [account for account in wanted if account not in self.images]
        self.images |= {account: image for account in missing if (image := self._read(account))}
        due = [a for a in missing if a not in self.images and now - self._looked_up.get(a, -KEEP_S) >= KEEP_S]
        if due and now >= self._retry_at and (self._fetching is None or self._fetching.done()):
            self._fetching = asyncio.create_task(self._get(due, now))

    async def close(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
            with suppress(asyncio.CancelledError):
                await self._fetching

    async def _get(self, account_ids: list[str], now: float) -> None:
        try:
            urls = await self._source.find(account_ids)
        except PartylineError as error:
            self._log.info("avatar lookup failed", error=error.message)
            self._retry_at = now + RETRY_S
            return
        self._looked_up |= dict.fromkeys(account_ids, now)
        for account in account_ids:
            if image := await self._fetched(urls.get(account, "")):
                self.images[account] = image
                self._write(account, image)

    async def _fetched(self, url: str) -> Image | None:
        """Return the avatar. A failed fetch is not retried before the next start, or a week."""
        safe = self._source.safe_url(url) if url else ""
        if url and not safe:
            self._log.warning("avatar URL not allowed", url=url[:200])
        if not safe:
            return None
        try:
            return await fetch(safe)
        except (*CONNECTION_FAULTS, PartylineError) as error:
            self._log.info("avatar download failed", error=str(error)[:200])
            return None

    # --- the cache ---------------------------------------------------------------------------------

    def file(self, account_id: str) -> Path:
        """Return the path of the cached avatar."""
        return self._folder / hashlib.blake2b(account_id.encode(), digest_size=12).hexdigest()

    def _read(self, account_id: str) -> Image | None:
        file = self.file(account_id)
        try:
            if abs(time.time() - file.stat().st_mtime) > KEEP_S:
                file.unlink()
                return None
            return image_of(file.read_bytes())
        except OSError:
            return None

    def _write(self, account_id: str, image: Image) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(self.file(account_id), image.body)
        except OSError as error:
            self._log.info("avatar not cached", error=str(error))
