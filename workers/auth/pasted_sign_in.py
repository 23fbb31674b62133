"""The sign-in with what the user pasted: an NPSSO, its JSON, or the redirect URL."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from workers.auth.refresh.refresher import Refresher
from workers.auth.sign_in.account_client import AccountClient
from workers.auth.sign_in.current_sign_in import CurrentSignIn
from workers.auth.sign_in.online_id import OnlineIdLookup
from workers.auth.sign_in.sign_in_policy import REQUEST_WAIT_S


class PastedSignIn:
    """Replaces the current sign-in."""

    def __init__(
        self,
        sign_in: CurrentSignIn,
        account: AccountClient,
        refresher: Refresher,
        online_id: OnlineIdLookup,
        now: Callable[[], float],
    ) -> None:
        self._current = sign_in
        self._account = account
        self._refresher = refresher
        self._online_id = online_id
        self._now = now

    async def sign_in(self, pasted: str, origin: str = "") -> None:
        """Sign in, then wait a little for the online id. Raises what `AccountClient.sign_in` raises.

        `origin` is the paired machine that asked, empty for this one.
        """
        # Before the lock, which a refresh may need: one that is refused signs in to the demo again.
        await self._refresher.wait()
        async with self._current.changing:
            tokens = await self._account.sign_in(pasted, self._now(), origin)
            await self._current.start(tokens)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REQUEST_WAIT_S):
                await self._online_id.find(tokens)
