"""The current tokens, the same in memory and in the store. One change at a time."""

from __future__ import annotations

import asyncio
from typing import Literal

from workers.auth.stored.store import Store
from workers.auth.stored.token_set import TokenSet


class CurrentTokens:
    """`tokens` is None while nobody is signed in."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changing = asyncio.Lock()
        self.tokens: TokenSet | None = None
        self.unstored = ""
        """Why the tokens could not be stored. Empty if they were."""

    @property
    def at(self) -> Literal["keychain", "file", ""]:
        return self._store.at

    @property
    def file(self) -> str:
        return self._store.file

    @property
    def keychain_fault(self) -> str:
        """Why the keychain is not used. Empty if it is."""
        return self._store.keychain_fault

    async def load(self) -> None:
        """Load the stored tokens."""
        self.tokens = await self._store.load()

    async def swap(self, tokens: TokenSet, instead_of: TokenSet | None = None) -> bool:
        """Store `tokens`, then make them current. Return False, without a change, if `instead_of` is not current."""
        async with self._changing:
            if instead_of is not None and self.tokens is not instead_of:
                return False
            try:
                await self._store.save(tokens)
                self.unstored = ""
            except Exception as error:  # noqa: BLE001  # the tokens stay in memory whatever the fault: see `unstored`
                self.unstored = getattr(error, "strerror", None) or type(error).__name__
            self.tokens = tokens
            return True

    def drop(self) -> None:
        """Drop the tokens from memory only."""
        self.tokens = None

    async def forget(self) -> None:
        """Delete the tokens from memory and store. Raises as `Store.forget` does, after memory is cleared."""
        async with self._changing:
            self.tokens = None
            await self._store.forget()
