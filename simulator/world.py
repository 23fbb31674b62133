"""The whole network in one object, with accounts, parties, push and relay. Hosts and consoles use the same methods."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from common.config.tables import PsnSettings
from simulator.account.accounts import Accounts
from simulator.account.oauth import OAuth
from simulator.account.tokens import ACCESS_LIFE_S, AccessTokens
from simulator.facts import party as facts
from simulator.facts import push, rests_on
from simulator.facts.ways import Ways
from simulator.miranda.relay import Relay
from simulator.miranda.unfit import place_1
from simulator.parties import bodies
from simulator.parties.bodies import ChangeMember, ChangeParty, CustomMessage, Invite, NewMember, NewParty
from simulator.parties.changes import Changes
from simulator.parties.custom_data3 import naming
from simulator.parties.departures import Departures
from simulator.parties.events import Delivery
from simulator.parties.naming_check import NamingCheck, others
from simulator.parties.party import Device, Key, SimulatedMember, SimulatedParty
from simulator.parties.register import PartyRegister
from simulator.push.conditions import Preconditions
from simulator.push.faults import PushFaults
from simulator.push.registry import KeepAliveStatus, PushRegistry, keep_alive
from simulator.shared.call_log import CallLog
from simulator.shared.faults import Faults
from simulator.shared.issued_secrets import IssuedSecrets
from simulator.shared.rates import Rates
from simulator.shared.refusals import Refused


@dataclass(frozen=True)
class Options:
    """Configuration of this network."""

    psn: PsnSettings = field(default_factory=PsnSettings)
    access_life_s: float = ACCESS_LIFE_S
    presence_s: float = 0.0
    """`serverPresenceTimeout` of every keep-alive type. 0 uses the real values (120 s idle, 30 s voice chat)."""
    keep_alive_s: float = 0.0
    """Ping interval announced by serveraddr. 0 uses the real values (60 s idle, 10 s voice chat)."""
    pause_in_silence: bool = False
    """Consoles send nothing while silent, as with DTX, instead of packets of silence."""
    calls_in_15_min: int = 0
    """Calls of one account before it gets 429. 0 means no limit."""
    push_versions: tuple[str, ...] = ("3.0", "2.1")
    ways: Mapping[str, str] = field(default_factory=dict)
    """Name of an undecided fact → its way. Other facts use their default way (`simulator.facts`)."""
    draw_ways: int | None = None
    """Seed of a random way for every undecided fact, applied before `ways`."""

    def keep_alive(self, kind: int) -> KeepAliveStatus:
        """Return the timing of push channels of that kind."""
        return keep_alive(kind, interval_s=self.keep_alive_s, presence_s=self.presence_s)


class World:
    """Applies each action and delivers its events at once. The clock is read here and nowhere below."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self.ways = Ways()
        if self.options.draw_ways is not None:
            self.ways.draw(self.options.draw_ways)
        for name, way in self.options.ways.items():
            self.ways.choose(name, way)
        self.issued_secrets = IssuedSecrets.of_environment()
        self.issued_secrets.record("client_secret", self.options.psn.client_secret)
        issued = self.issued_secrets.record
        self.accounts = Accounts(issued)
        self.tokens = AccessTokens(self.options.psn, self.accounts, self.options.access_life_s, issued)
        self.oauth = OAuth(self.options.psn, self.accounts, self.tokens, self.ways, issued)
        self.parties = PartyRegister(self.ways)
        self.changes = Changes(self.parties)
        self.departures = Departures(self.parties, self.ways)
        self.naming_check = NamingCheck()
        self.rates = Rates(self.options.calls_in_15_min)
        self.push = PushRegistry()
        self._conditions = Preconditions(self.ways, self.push, self.accounts)
        self.relay = Relay(self.ways)
        self.call_log = CallLog()
        self.faults = Faults()
        self.push_faults = PushFaults()
        self.base_url = ""
        """``http://127.0.0.1:<port>``, set once it is known."""

    @property
    def fqdn(self) -> str:
        """Host and port of the server, as serveraddr names it."""
        return self.base_url.partition("://")[2]

    # --- parties ---------------------------------------------------------------------------------

    def create(
        self, device: Device, new: NewParty, member: NewMember, *, session_id: str = "", cpss_id: str = ""
    ) -> SimulatedParty:
        self._conditions.need_voice_chat(device)
        self._conditions.need_age(device)
        party, told = self.parties.create(device, new, member, time.time(), session_id=session_id, cpss_id=cpss_id)
        self.tell(told)
        return party

    def join(self, device: Device, session_id: str, member: NewMember, *, cpss_id: str = "") -> SimulatedParty:
        self._conditions.need_voice_chat(device)
        self._conditions.need_age(device)
        party, told = self.parties.join(session_id, device, member, time.time(), cpss_id=cpss_id)
        self.tell(told)
        return party

    def leave(self, device: Device, session_id: str) -> None:
        told = self.departures.leave(session_id, device)
        self._left(session_id, device.key)
        self.tell(told)

    def kick(self, by: Device, session_id: str, account_id: str) -> None:
        before = set(self.parties.find(session_id).members)
        told = self.departures.kick(session_id, by, account_id)
        for key in before - set(self.parties.find(session_id).members):
            self._left(session_id, key)
        self.tell(told)

    def _left(self, session_id: str, key: Key) -> None:
        now = time.monotonic()
        self.relay.note_left(session_id, key, now)
        self.naming_check.left(session_id, key[0], now)

    def change_member(self, device: Device, session_id: str, change: ChangeMember) -> None:
        told = self.changes.change_member(session_id, device, change)
        if change.customData3 is not None:
            party, member = self.parties.member(session_id, device)
            if wrong := self.naming_check.wrong_with(party, member, change.customData3, time.monotonic()):
                self.violated("customData3", 204, f"{device.peer}: {wrong}")
        self.tell(told)

    def name_others(self, party: SimulatedParty, member: SimulatedMember) -> None:
        """Set a member's customData3 to its correct value."""
        told = naming(party.session_id, others(party, member))
        self.change_member(member.device, party.session_id, ChangeMember(customData3=told))

    def change_party(self, device: Device, session_id: str, change: ChangeParty) -> None:
        self.tell(self.changes.change_party(session_id, device, change))

    @rests_on(facts.INVITE)
    def invite(self, device: Device, session_id: str, invite: Invite) -> int:
        invited = []
        for invitation in invite.invitations:
            person = self.accounts.people.get(invitation.to.accountId)
            if person is None:
                raise Refused(404, f"nobody has the account id {invitation.to.accountId[:24]!r}")
            invited.append((person.account_id, person.online_id))
        self.tell(self.changes.invite(session_id, device, invited))
        return len(invited)

    def custom_message(self, device: Device, session_id: str, body: CustomMessage) -> None:
        self._conditions.need_push(device)
        party, sender = self.parties.member(session_id, device)
        self.tell(self.relay.relay(party, sender, body, time.monotonic()))

    def tell(self, deliveries: list[Delivery]) -> None:
        self.push.keeps_events = self.ways.of(push.WHILE_AWAY) == "kept"
        for delivery in deliveries:
            self.push.deliver(delivery)

    @rests_on(push.RECONNECTED_FALSE)
    def reconnected_false(self, key: Key) -> None:
        """Record a device that reconnected within the presence timeout but claimed a new connection."""
        if self.ways.of(push.RECONNECTED_FALSE) == "keeps":
            return
        for party in list(self.parties.by_id.values()):
            if key in party.members:
                self.leave(party.members[key].device, party.session_id)

    def violated(self, place: str, status: int, reason: str) -> None:
        self.call_log.violated(place, status, reason, time.time())


def member_body(context_id: str, ways: Ways) -> NewMember:
    """Return the body with which a console enters a party."""
    places = ["", place_1(ways), "1", "0", "6.2.0", "0", "0", "0", "", ""]
    return bodies.NewMember(
        accountId="me",
        platform="me",
        pushContexts=[bodies.PushContext(contextId=context_id)],
        customData4=base64.b64encode(msgspec.json.encode(places)).decode(),
        voiceChatActivated=True,
    )


def find_member(world: World, account_id: str, platform: str = "") -> tuple[SimulatedParty, SimulatedMember] | None:
    """Return the first membership of an account, on any platform unless one is given."""
    for party in world.parties.by_id.values():
        for member in party.of_account(account_id):
            if platform in ("", member.device.platform):
                return party, member
    return None
