"""The current tokens, the same in memory and in the store. One change at a time."""

from __future__ import annotations

import asyncio
from typing import Literal

from workers.auth.stored.store import Store, Unknown
from workers.auth.stored.token_set import TokenSet


class CurrentTokens:
    """`tokens` is None while nobody is signed in."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changing = asyncio.Lock()
        self.tokens: TokenSet | None = None
        self._forgotten = False
        """Whether somebody signed out, and nobody in since."""
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

    @property
    def asks(self) -> bool:
        """Whether the keychain is still asked for the tokens."""
        return self._store.asks

    @property
    def unknown(self) -> Unknown:
        """Why it is not known whether somebody is signed in. Empty if it is."""
        return self._store.unknown if self.tokens is None else ""

    async def load(self) -> None:
        """Load the stored tokens."""
        self.tokens = await self._store.load()

    async def adopt_late(self) -> bool:
        """Wait for a keychain that takes long. Return whether its tokens are the current ones now.

        They are not if somebody has signed in or out meanwhile, or if the ones in use are newer.
        """
        before = self.tokens
        found = await self._store.late()
        async with self._changing:
            if found is None or self.tokens is not before or self._forgotten:
                return False
            if before is not None and before.issued_at >= found.issued_at:
                return False
            self.tokens = found
            return True

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
            self.tokens, self._forgotten = tokens, False
            return True

    def drop(self) -> None:
        """Drop the tokens from memory only."""
        self.tokens = None

    async def forget(self) -> None:
        """Delete the tokens from memory and store. Raises as `Store.forget` does, after memory is cleared."""
        async with self._changing:
            self.tokens, self._forgotten = None, True
            await self._store.forget()
