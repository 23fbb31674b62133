"""The API's keys for the dashboard's page: listed, made, renamed, revoked. `partyline api key` does the same."""

from __future__ import annotations

import asyncio

import msgspec

from common.api import keys
from common.api.key_uses import KeyUses
from common.api.rights import MAY, Right
from common.files.paths import Paths
from common.log.secret import Guarded, Secret
from common.requests import Done
from workers.dashboard.live.own_requests import KeyRequest, ListApiKeys, MakeApiKey, RenameApiKey, RevokeApiKey


class ListedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its secret."""

    key_id: str
    name: str
    right: Right
    also: tuple[str, ...]
    made_at: float
    """Unix seconds."""
    used_at: float | None
    """Unix seconds of its last use, None for never."""


class ApiKeyList(msgspec.Struct, frozen=True, kw_only=True):
    keys: tuple[ListedKey, ...]
    rights: dict[Right, str]
    """Each right, and what it allows in words that follow “it may”."""


class MadeApiKey(Guarded, frozen=True, kw_only=True):
    """A new key, for the one page that asked for it."""

    name: str
    may: str
    """What it allows, in words that follow “it may”."""
    key: Secret


class PageApiKeys:
    """Carries out what a page asks about keys. Their file is locked and read in a thread."""

    def __init__(self, paths: Paths, uses: KeyUses) -> None:
        self._paths = paths
        self._uses = uses

    async def serve(self, request: KeyRequest) -> ApiKeyList | MadeApiKey | Done:
        """Return the reply. Raises `PartylineError`."""
        return await asyncio.to_thread(self._serve, request)

    def _serve(self, request: KeyRequest) -> ApiKeyList | MadeApiKey | Done:
        match request:
            case ListApiKeys():
                return self._list()
            case MakeApiKey(name=name, right=right):
                made, text = keys.make(self._paths, name, right)
                return MadeApiKey(name=made.name, may=MAY[made.right], key=text)
            case RenameApiKey(key_id=key_id, name=name):
                return Done(message=f"The key is called {keys.rename(self._paths, key_id, name).name} now.")
            case RevokeApiKey(key_id=key_id):
                return Done(message=f"The key of {keys.remove(self._paths, key_id).name} is not valid any more.")

    def _list(self) -> ApiKeyList:
        listed = (
            ListedKey(
                key_id=key.key_id, name=key.name, right=key.right, also=key.also, made_at=key.made_at,
                used_at=self._uses.of(key.key_id),
            )
            for key in keys.load(self._paths)
        )  # fmt: skip
        return ApiKeyList(keys=tuple(listed), rights=dict(MAY))
