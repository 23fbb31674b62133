"""Party administration: rename the party, open or close it, invite people, kick a member."""

from __future__ import annotations

from common.bus import Bus
from common.errors import PartyError
from common.messages import Member
from common.psn.party import sessions
from common.requests import Done, Invited, InvitePeople, KickMember, RenameParty, SetVisibility
from workers.session.calls.lookup_calls import LookupCalls
from workers.session.calls.party_calls import PartyCalls
from workers.session.member.membership import Membership
from workers.session.member.party_resync import PartyResync


class PartyAdministration:
    """Serves the requests that change the present party. Each raises PlayStation's refusal."""

    def __init__(self, calls: PartyCalls, lookups: LookupCalls, membership: Membership, resync: PartyResync) -> None:
        self._calls = calls
        self._lookups = lookups
        self._membership = membership
        self._resync = resync

    def serve(self, bus: Bus) -> None:
        bus.serve(RenameParty, self._serve_rename)
        bus.serve(SetVisibility, self._serve_visibility)
        bus.serve(InvitePeople, self._serve_invite)
        bus.serve(KickMember, self._serve_kick)

    async def _serve_rename(self, request: RenameParty) -> Done:
        name = request.name.strip()
        if not name:
            raise PartyError("A party's name cannot be empty.", "Give it one: `partyline rename NAME`.")
        await self._change("sessionName", name)
        return Done(message=f"The party is called {name!r} now.")

    async def _serve_visibility(self, request: SetVisibility) -> Done:
        """Make two calls, since the app changes one field at a time [seen]. Who may join goes first when closing."""
        for field, wanted in sessions.kinds(open_to_friends=request.open).items():
            await self._change(field, wanted)
        who = "Friends of its members" if request.open else "Only invited people"
        return Done(message=f"{who} may join the party now.")

    async def _serve_kick(self, request: KickMember) -> Done:
        """Kick an account with all its devices, since the call names no platform [app]."""
        session_id, state = self._here(), self._membership.party_state()
        found = next((member for member in state.members if member.peer == request.peer), None)
        if found is None:
            raise PartyError("That member is not in the party (any more).", "`partyline status` shows who is.")
        if found.account_id == state.my_key.account_id:
            raise PartyError("That is your own account.", "Leave with `partyline leave`, or on that device.")
        await self._resync.during(self._calls.kick(session_id, found.account_id))
        devices = sum(member.account_id == found.account_id for member in state.members)
        return Done(message=f"Removed {_called(found)} from the party{', on both devices' if devices > 1 else ''}.")

    async def _change(self, field: str, value: str) -> None:
        await self._resync.during(self._calls.change(self._here(), field, value))

    async def _serve_invite(self, request: InvitePeople) -> Invited:
        session_id = self._here()
        wanted = dict.fromkeys(name.strip() for name in request.online_ids if name.strip())
        found = dict([await self._lookups.account(online_id) for online_id in wanted])
        here = {member.account_id for member in self._membership.party_state().members}
        if present := [name for account_id, name in found.items() if account_id in here]:
            raise PartyError(f"Already in the party: {', '.join(present)}.", "Invite the others only.")
        if not found:
            raise PartyError("No online id was given.", "Give at least one: `partyline invite ONLINE_ID`.")
        await self._resync.during(self._calls.invite(session_id, list(found)))
        return Invited(online_ids=tuple(found.values()))

    def _here(self) -> str:
        memory = self._membership.memory
        if memory.phase != "joined":
            raise PartyError("There is no party.", "Join one (`partyline join`) or create one (`partyline create`).")
        return memory.session_id


def _called(member: Member) -> str:
    return member.online_id or member.account_id
