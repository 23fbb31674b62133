"""Control API for parties: kick members, end parties, change their limits."""

from __future__ import annotations

import uuid

from aiohttp import web

from simulator.hosts.control import body
from simulator.parties import events
from simulator.parties.bodies import ChangeMember
from simulator.parties.party import FRIENDS, INVITE_ONLY, Device, SimulatedParty
from simulator.push.registry import KINDS, VOICE_CHAT, OpenPushChannel
from simulator.shared.refusals import Refused
from simulator.world import World, find_member, member_body


class PartyControl:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/kick", self.kick),
            web.post("/enter", self.enter),
            web.post("/voice-chat", self.voice_chat),
            web.post("/end-party", self.end),
            web.post("/party", self.change),
            web.post("/invitations", self.invitations),
        ]

    async def kick(self, request: web.Request) -> web.Response:
        """Let the owner kick an account from its party: ``{"accountId": "…"}``. The owner itself leaves."""
        account_id = body.text(await body.read(request), "accountId")
        found = find_member(self._world, account_id)
        if found is None:
            raise Refused(404, f"{account_id[:40]!r} is in no party", violation=False)
        party, member = found
        owner = party.members[party.owner].device
        if member.device.key == party.owner:
            self._world.leave(member.device, party.session_id)
        else:
            self._world.kick(owner, party.session_id, account_id)
        return body.answer({})

    async def voice_chat(self, request: web.Request) -> web.Response:
        """Switch a member's voice chat: ``{"accountId": "…", "on": false}``."""
        given = await body.read(request)
        account_id = body.text(given, "accountId")
        found = find_member(self._world, account_id, str(given.get("platform", "")))
        if found is None:
            raise Refused(404, f"{account_id[:40]!r} is in no party", violation=False)
        change = ChangeMember(voiceChatActivated=bool(given.get("on", True)))
        self._world.change_member(found[1].device, found[0].session_id, change)
        return body.answer({})

    async def enter(self, request: web.Request) -> web.Response:
        """Add an invented console to a party: ``{"sessionId": "…", "accountId": "…", "platform": "PS5"}``.

        It sends nothing and hears nothing. So an account that is signed in elsewhere has its own console in the party.
        """
        given = await body.read(request)
        account_id, platform = body.text(given, "accountId"), body.text(given, "platform")
        person = self._world.accounts.people.get(account_id)
        if person is None:
            raise Refused(404, f"nobody has the account id {account_id[:40]!r}", violation=False)
        device = Device(account_id, person.online_id, platform, duid=f"invented-duid-{platform}")
        self._world.push.opened(silent(device), 0.0)
        party = self._party(body.text(given, "sessionId"))
        party.invited.add(account_id)
        self._world.join(device, party.session_id, member_body(str(uuid.uuid4()), self._world.ways))
        return body.answer({})

    async def end(self, request: web.Request) -> web.Response:
        """End a party with members in it: ``{"sessionId": "…", "cause": "SESSION_CLOSED"}``."""
        given = await body.read(request)
        party = self._party(body.text(given, "sessionId"))
        self._world.tell(self._world.departures.end(party.session_id, str(given.get("cause", events.CLOSED))))
        return body.answer({})

    async def change(self, request: web.Request) -> web.Response:
        """Set ``maxMembers``, ``joinableUserType`` or ``groupId`` of ``sessionId`` without an event to its members."""
        given = await body.read(request)
        party = self._party(body.text(given, "sessionId"))
        most = given.get("maxMembers", party.max_members)
        if not isinstance(most, int) or most < 1:
            raise Refused(400, "maxMembers is no number above 0", violation=False)
        party.max_members = most
        joinable_by = given.get("joinableUserType", party.joinable_by)
        if joinable_by not in (FRIENDS, INVITE_ONLY):
            raise Refused(400, f"joinableUserType is neither {FRIENDS} nor {INVITE_ONLY}", violation=False)
        party.joinable_by = joinable_by
        party.group_id = str(given.get("groupId", party.group_id))
        return body.answer({})

    async def invitations(self, request: web.Request) -> web.Response:
        """Choose whether REST lists invitations. ``{"listed": false}`` sends them by push only."""
        self._world.parties.lists_invitations = bool((await body.read(request)).get("listed", True))
        return body.answer({})

    def _party(self, session_id: str) -> SimulatedParty:
        return self._world.parties.find(session_id)


def silent(device: Device) -> OpenPushChannel:
    """Return the push channel of a passive device."""
    return OpenPushChannel(
        key=device.key,
        protocol="3.0",
        keep_alive=KINDS[VOICE_CHAT],
        kind=VOICE_CHAT,
        opened_at=0.0,
        send=lambda _: None,
        close=lambda _: None,
        authorised=True,
        permanent=True,
        stand_in=True,
    )
