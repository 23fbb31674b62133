"""The tokens that are held: in memory and in the store, always the same. One change at a time."""

from __future__ import annotations

import asyncio
from typing import Literal

from workers.auth.life import Tokens
from workers.auth.store import Store


class Held:
    """`tokens` is None while nobody is signed in."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changing = asyncio.Lock()
        self.tokens: Tokens | None = None
        self.unstored = ""
        """Why what is held could not be stored; empty when it was."""

    @property
    def at(self) -> Literal["keychain", "file", ""]:
        return self._store.at

    @property
    def file(self) -> str:
        return self._store.file

    @property
    def note(self) -> str:
        """What is to be told of the store: why the keychain is not used."""
        return self._store.note

    async def load(self) -> None:
        """Hold what was stored."""
        self.tokens = await self._store.load()

    async def swap(self, tokens: Tokens, instead_of: Tokens | None = None) -> bool:
        """Store and then hold `tokens`; return False, with nothing done, when `instead_of` is not what is held."""
        async with self._changing:
            if instead_of is not None and self.tokens is not instead_of:
                return False
            try:
                await self._store.save(tokens)
                self.unstored = ""
            except Exception as error:  # noqa: BLE001  # what was given is held, however it cannot be stored: see `unstored`
                self.unstored = getattr(error, "strerror", None) or type(error).__name__
            self.tokens = tokens
            return True

    def drop(self) -> None:
        """Hold nothing, whatever is stored."""
        self.tokens = None

    async def forget(self) -> None:
        """Hold and store nothing; raises what `Store.forget` does, with nothing held."""
        async with self._changing:
            self.tokens = None
            await self._store.forget()
