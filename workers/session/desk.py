"""What a member may do to its party: rename it, open or close it, invite people."""

from __future__ import annotations

from common.bus import Bus
from common.errors import PartyError
from common.psn.sessions import ANYONE, INVITE_ONLY
from common.requests import Done, Invited, InvitePeople, RenameParty, SetVisibility
from workers.session.calls import PartyCalls
from workers.session.membership import Membership


class Desk:
    """Answers the requests that change the present party. Each raises what PlayStation refused."""

    def __init__(self, calls: PartyCalls, membership: Membership) -> None:
        self._calls = calls
        self._membership = membership

    def serve(self, bus: Bus) -> None:
        bus.serve(RenameParty, self.rename)
        bus.serve(SetVisibility, self.set_visibility)
        bus.serve(InvitePeople, self.invite)

    async def rename(self, request: RenameParty) -> Done:
        name = request.name.strip()
        if not name:
            raise PartyError("A party's name cannot be empty.", "Give it one: `partyline rename NAME`.")
        await self._calls.change(self._here(), "sessionName", name)
        return Done(message=f"The party is called {name!r} now.")

    async def set_visibility(self, request: SetVisibility) -> Done:
        """Two calls: the app is known to change one field at a time [seen]; who may join goes first when closing."""
        session_id, wanted = self._here(), ANYONE if request.open else INVITE_ONLY
        for field in ("joinableUserType", "visibilityType"):
            await self._calls.change(session_id, field, wanted)
        return Done(message=f"{'Anybody' if request.open else 'Only who is invited'} may join the party now.")

    async def invite(self, request: InvitePeople) -> Invited:
        session_id = self._here()
        wanted = dict.fromkeys(name.strip() for name in request.online_ids if name.strip())
        found = dict([await self._calls.account(online_id) for online_id in wanted])
        here = {member.account_id for member in self._membership.state().members}
        if present := [name for account_id, name in found.items() if account_id in here]:
            raise PartyError(f"{', '.join(present)}: in the party already.", "Invite the others only.")
        if not found:
            raise PartyError("Nobody was named to be invited.", "Name them: `partyline invite ONLINE_ID`.")
        await self._calls.invite(session_id, list(found))
        return Invited(online_ids=tuple(found.values()))

    def _here(self) -> str:
        memory = self._membership.memory
        if memory.phase != "joined":
            raise PartyError("There is no party.", "Join one with `partyline join`, or make one: `partyline create`.")
        return memory.session_id
