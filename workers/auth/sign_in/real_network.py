"""The sign-in to the real network while the simulator is in use. The simulator's tokens are not touched.

The tokens are stored where an auth worker of the real network finds them.
"""

from __future__ import annotations

import time

import msgspec

from common.config.settings import load
from common.config.tables import Settings
from common.errors import PartylineError, SignInError
from common.files.paths import Paths
from workers.auth.sign_in.account_client import AccountClient
from workers.auth.stored.store import Store, real, store_of
from workers.auth.stored.token_set import TokenSet


class RealNetworkSignIn:
    """The real network's account host, with the settings of each sign-in's time."""

    def __init__(self, paths: Paths, settings: Settings) -> None:
        self._paths = paths
        self._settings = real(settings)
        self._account: AccountClient | None = None
        self.is_other = settings.psn.realm != "playstation"
        """Whether another network is in use."""

    async def sign_in(self, pasted: str, origin: str = "") -> TokenSet:
        """Sign in and store the tokens. Raises `SignInError`, `SettingsError` or `PsnError`."""
        settings = real(load(self._paths))
        if self._account is None or settings != self._settings:
            await self.close()
            # Kept for the next try, because it remembers a rate limit and a block.
            self._settings, self._account = settings, AccountClient(settings, self._paths)
        try:
            return await sign_in_and_keep(self._account, store_of(self._paths, settings), pasted, origin)
        except OSError as error:
            raise SignInError(
                f"The tokens cannot be stored ({error.strerror or type(error).__name__}).",
                "Free disk space, or correct the permissions of the secrets folder.",
            ) from error

    async def forget(self) -> None:
        """Delete its tokens. Raises `SignInError` if some may be left."""
        await store_of(self._paths, self._settings).forget()

    async def close(self) -> None:
        if self._account is not None:
            await self._account.close()
            self._account = None


async def sign_in_and_keep(account: AccountClient, store: Store, pasted: str, origin: str = "") -> TokenSet:
    """Sign in, store the tokens before anything else, then look up the name, which is optional.

    Raises what `AccountClient.sign_in` raises, and `OSError` if they cannot be stored.
    """
    tokens = await account.sign_in(pasted, time.time(), origin)
    await store.save(tokens)
    try:
        tokens = msgspec.structs.replace(tokens, online_id=await account.online_id(tokens))
    except PartylineError:
        return tokens  # the sign-in is valid without it, and auth asks again
    await store.save(tokens)
    return tokens
