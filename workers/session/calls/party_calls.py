"""The calls about one party: join, leave, read and change it. One method each. They make no decisions."""

from __future__ import annotations

from collections.abc import Sequence

from common.config.tables import PsnSettings
from common.psn.errors import NotFoundError, RefusedError
from common.psn.http.client import Call, PsnClient
from common.psn.party import sessions
from common.psn.party.customdata import CustomData4, encode4
from common.psn.party.sessions import Party
from common.psn.shapes import as_dict

LEAVE_TIMEOUT_S = 1.8
"""Two such calls and a token fit into the time that a stopping worker has."""


class PartyCalls:
    """The calls. Every method raises `PsnError` and what the token source raises.

    `custom_data4` is what the local member entry shows from the start.
    """

    def __init__(self, http: PsnClient, psn: PsnSettings) -> None:
        self._http = http
        self._psn = psn
        self._shape: dict[str, str] = {}

    @property
    def shape(self) -> dict[str, str]:
        """What the latest view showed of the unknowns."""
        return self._shape

    async def join(self, session_id: str, context_id: str, cpss_id: str, custom_data4: CustomData4) -> Party:
        """Join and return the answer, which may have only the local member entry [app].

        The header for share links is sent only after one was used [read].
        """
        headers = {sessions.CPSS_ID_HEADER: cpss_id} if cpss_id else {}
        body = sessions.join_body(context_id, encode4(custom_data4))
        path = sessions.members_path(session_id)
        answer = await self._http.call(Call("POST", "mobile", path, body, headers=headers))
        return Party(session_id=session_id, members=sessions.read_members(as_dict(answer.data).get("members")))

    async def create(self, name: str, context_id: str, custom_data4: CustomData4, *, open_to_friends: bool) -> Party:
        """Create a party, join it and return it. Not repeated, because a second try could create another one."""
        body = sessions.create_body(name, context_id, encode4(custom_data4), open_to_friends=open_to_friends)
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

    async def publish(self, session_id: str, field: str, value: str) -> None:
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
        self._shape = sessions.view_shape(answer.data)
        return sessions.read_view(answer.data, session_id)

    async def parties(self, also: Sequence[str] = ()) -> list[Party]:
        """Return the parties we are in or may join. `also` adds parties known from elsewhere."""
        answer = await self._http.call(Call("POST", "mobile", sessions.BULK_PATH, sessions.bulk_body(also)))
        return sessions.read_parties(answer.data, "parties")
