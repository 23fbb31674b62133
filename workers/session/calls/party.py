"""The API calls of a party, one method each. They make no decisions."""

from __future__ import annotations

from collections.abc import Sequence

from common.config.tables import Psn
from common.psn.account import profiles
from common.psn.errors import NotFoundError, RefusedError, UnauthorizedError
from common.psn.http.client import Call, PsnClient, TokenSource
from common.psn.party import sessions
from common.psn.party.customdata import CustomData4, encode4
from common.psn.party.links import HOST
from common.psn.party.sessions import Party, PartyInfo
from common.psn.shapes import as_dict
from workers.session.end_reasons import link_leads_nowhere, nobody_called

LEAVE_TIMEOUT_S = 1.8
"""Two such calls and a token fit into the time that a stopping worker has."""


class PartyCalls:
    """The calls. Every method raises `PsnError` and what the token source raises."""

    def __init__(self, http: PsnClient, psn: Psn, tokens: TokenSource) -> None:
        self._http = http
        self._psn = psn
        self._tokens = tokens
        self.platform = psn.platform
        self.shape: dict[str, str] = {}
        """What the latest view showed of the unknowns."""
        self.own_data4 = CustomData4()
        """What the local member entry should show."""

    async def me(self) -> str:
        """Return the local account id."""
        return (await self._tokens.token()).account_id

    async def resolve(self, cpss_id: str) -> PartyInfo:
        """Return which party a share link leads to. The page sends no token and its own origin [seen]."""
        path = sessions.party_info_path(cpss_id, self._psn.country, self._psn.language)
        origin = {"Origin": f"https://{HOST}/", "Referer": f"https://{HOST}/"}
        try:
            answer = await self._http.call(Call("GET", "web", path, headers=origin, signed=False))
        except UnauthorizedError:
            answer = await self._http.call(Call("GET", "web", path, headers=origin))
        except NotFoundError as error:
            raise link_leads_nowhere(error) from error
        return sessions.read_party_info(answer.data)

    async def join(self, session_id: str, context_id: str, cpss_id: str) -> Party:
        """Join and return the answer, which may have only the local member entry [app].

        The header for share links is sent only after one was used [read].
        """
        headers = {sessions.CPSS_ID_HEADER: cpss_id} if cpss_id else {}
        body = sessions.join_body(context_id, encode4(self.own_data4))
        path = sessions.members_path(session_id)
        answer = await self._http.call(Call("POST", "mobile", path, body, headers=headers))
        return Party(session_id=session_id, members=sessions.read_members(as_dict(answer.data).get("members")))

    async def create(self, name: str, context_id: str, *, open_to_friends: bool) -> Party:
        """Create a party, join it and return it. Not repeated, because a second try could create another one."""
        body = sessions.create_body(name, context_id, encode4(self.own_data4), open_to_friends=open_to_friends)
        headers = self._language()
        answer = await self._http.call(Call("POST", "mobile", sessions.CREATE_PATH, body, headers=headers, attempts=1))
        return sessions.read_created(answer.data)

    async def change(self, session_id: str, field: str, value: str) -> None:
        """Change one field of the party, as the app does [seen]. A name is sent with the language of create [seen]."""
        headers = self._language() if field == "sessionName" else {}
        await self._http.call(Call("PATCH", "mobile", sessions.party_path(session_id), {field: value}, headers=headers))

    def _language(self) -> dict[str, str]:
        return {sessions.LANGUAGE_HEADER: f"{self._psn.language}-{self._psn.country}"}

    async def kick(self, session_id: str, account_id: str) -> None:
        """Remove an account from the party [app]."""
        await self._http.call(Call("DELETE", "mobile", sessions.member_path(session_id, account_id)))

    async def invite(self, session_id: str, account_ids: Sequence[str]) -> None:
        body = sessions.invite_body(account_ids)
        await self._http.call(Call("POST", "mobile", sessions.invitations_path(session_id), body))

    async def account(self, online_id: str) -> tuple[str, str]:
        """Return (account id, online id as PlayStation spells it). Raises `PartyError` if there is no such user."""
        try:
            answer = await self._http.call(Call("GET", "profile", profiles.account_path(online_id)))
        except NotFoundError as error:
            raise nobody_called(online_id, error) from error
        account_id, name = profiles.read_account(answer.data)
        return account_id, name or online_id

    async def tell(self, session_id: str, field: str, value: str) -> None:
        """Publish a field of the local member entry, ``customData3`` or ``customData4``, as the app does [seen]."""
        await self._http.call(Call("PATCH", "mobile", sessions.me_path(session_id), {field: value}))

    async def leave(self, session_id: str) -> None:
        """Leave, ignoring the call rate. A lost answer is repeated once. Not being a member counts as success."""
        call = Call(
            "DELETE", "mobile", sessions.me_path(session_id), urgent=True, attempts=2, timeout_s=LEAVE_TIMEOUT_S
        )
        try:
            await self._http.call(call)
        except (NotFoundError, RefusedError):
            return

    async def party(self, session_id: str, cpss_id: str = "") -> Party | None:
        """Return the party as it is now, None if it is not shown. Raises `NotAMemberError` if we are not in it.

        The `cpss_id` of the link that was used is sent, as the app does [seen].
        """
        headers = {sessions.SESSION_IDS_HEADER: session_id}
        headers |= {sessions.CPSS_ID_HEADER: cpss_id} if cpss_id else {}
        try:
            answer = await self._http.call(Call("GET", "mobile", sessions.VIEW_PATH, headers=headers))
        except NotFoundError:
            return None
        self.shape = sessions.view_shape(answer.data)
        return sessions.read_view(answer.data, session_id)

    async def parties(self, also: Sequence[str] = ()) -> list[Party]:
        """Return the parties we are in or may join. `also` adds parties known from elsewhere."""
        answer = await self._http.call(Call("POST", "mobile", sessions.BULK_PATH, sessions.bulk_body(also)))
        return sessions.read_parties(answer.data, "parties")

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
