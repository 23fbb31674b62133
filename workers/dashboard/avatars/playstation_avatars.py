"""The avatars on PlayStation: who has which, and what may be fetched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from common.bus import Bus
from common.config.tables import Settings
from common.files.paths import Paths
from common.psn.errors import NoSimulatorError
from common.psn.http.endpoints import EndpointSource
from common.requests import FindPictures, Pictures
from workers.dashboard.avatars.fetch import safe_url

FIND_S = 60.0
"""Timeout of a lookup. Session calls PlayStation for it, at the common call rate."""


class AvatarSource(Protocol):
    """Where `AvatarCache` finds avatars."""

    async def find(self, account_ids: Sequence[str]) -> dict[str, str]:
        """Return account id → URL. Raises `PartylineError`."""

    def safe_url(self, url: str) -> str:
        """Return the URL to fetch, or "" if it may not be fetched."""


class PlayStationAvatars:
    """The `AvatarSource` of the product. Session does the lookup."""

    def __init__(self, bus: Bus, settings: Settings, paths: Paths) -> None:
        self._bus = bus
        self._hosts = settings.psn.picture_hosts
        self._endpoints = EndpointSource(settings, paths)

    async def find(self, account_ids: Sequence[str]) -> dict[str, str]:
        found: Pictures = await self._bus.request(FindPictures(account_ids=tuple(account_ids)), FIND_S)
        return found.urls

    def safe_url(self, url: str) -> str:
        try:
            server = self._endpoints.current().mobile
        except NoSimulatorError:
            self._endpoints.forget()
            server = ""
        return safe_url(url, self._hosts, server)
