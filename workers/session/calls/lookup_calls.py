"""The calls that look something up: accounts, links, invitations. One method each. They make no decisions."""

from __future__ import annotations

from collections.abc import Sequence

from common.config.tables import PsnSettings
from common.psn.account import profiles
from common.psn.errors import NotFoundError, UnauthorizedError
from common.psn.http.client import Call, PsnClient, TokenSource
from common.psn.party import sessions
from common.psn.party.links import HOST
from common.psn.party.sessions import PartyInfo
from workers.session.end_reasons import nobody_called, unknown_link


class LookupCalls:
    """The calls. Every method raises `PsnError` and what the token source raises."""

    def __init__(self, http: PsnClient, psn: PsnSettings, tokens: TokenSource) -> None:
        self._http = http
        self._psn = psn
        self._tokens = tokens

    async def me(self) -> tuple[str, str]:
        """Return the local (account id, platform)."""
        return (await self._tokens.token()).account_id, self._psn.platform

    async def resolve(self, cpss_id: str) -> PartyInfo:
        """Return which party a share link leads to. The page sends no token and its own origin [seen]."""
        path = sessions.party_info_path(cpss_id, self._psn.country, self._psn.language)
        origin = {"Origin": f"https://{HOST}/", "Referer": f"https://{HOST}/"}
        try:
            answer = await self._http.call(Call("GET", "web", path, headers=origin, signed=False))
        except UnauthorizedError:
            answer = await self._http.call(Call("GET", "web", path, headers=origin))
        except NotFoundError as error:
            raise unknown_link(error) from error
        return sessions.read_party_info(answer.data)

    async def account(self, online_id: str) -> tuple[str, str]:
        """Return (account id, online id as PlayStation spells it). Raises `PartyError` if there is no such user."""
        try:
            answer = await self._http.call(Call("GET", "profile", profiles.account_path(online_id)))
        except NotFoundError as error:
            raise nobody_called(online_id, error) from error
        account_id, name = profiles.read_account(answer.data)
        return account_id, name or online_id

    async def invitations(self) -> list[tuple[str, str, str]]:
        """Return (session id, account id, online id of the sender). Often empty even with an invitation [seen]."""
        return sessions.read_invitations((await self._http.call(Call("GET", "mobile", sessions.INVITED_PATH))).data)

    async def open_parties(self) -> list[str]:
        """Return the session ids of parties of groups that we are in [seen]."""
        answer = await self._http.call(Call("GET", "mobile", sessions.OPEN_PARTIES_PATH))
        return sessions.read_open_parties(answer.data)

    async def names(self, account_ids: Sequence[str]) -> dict[str, str]:
        """Return account id → online id."""
        answer = await self._http.call(Call("GET", "mobile", profiles.profiles_path(account_ids)))
        return profiles.read_names(answer.data, account_ids)

    async def pictures(self, account_ids: Sequence[str]) -> dict[str, str]:
        """Return account id → picture URL."""
        answer = await self._http.call(Call("GET", "mobile", profiles.profiles_path(account_ids)))
        return profiles.read_pictures(answer.data, account_ids)
