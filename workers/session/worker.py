"""Session worker, which manages our party and its members."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable
from typing import assert_never

from common.basic.clock import Moment
from common.bus import Subscription
from common.config.tables import Settings
from common.files.paths import Paths
from common.messages import AuthState, PartyState, PushEvent, PushState, SignalRefused, Trying, WorkerHealth
from common.psn.account.tokens import BusTokens
from common.psn.http.client import PsnClient
from common.psn.http.endpoints import EndpointSource, place_of
from common.psn.http.refusals import NOT_A_MEMBER
from common.run.wake import Wake
from common.run.worker import Worker
from workers.session import actions as do
from workers.session.actions import Action
from workers.session.automatic.demo_join import DemoJoin
from workers.session.automatic.followed import FollowedFile
from workers.session.automatic.follower import Follower
from workers.session.automatic.joins import AutomaticJoins
from workers.session.automatic.player_search import PlayerSearch
from workers.session.automatic.poll_schedule import PollSchedule
from workers.session.automatic.rejoin import Rejoin
from workers.session.calls.lookup_calls import LookupCalls
from workers.session.calls.party_calls import PartyCalls
from workers.session.end_reasons import AccountFacts
from workers.session.events.event_kind import kind_of
from workers.session.events.push_channel import PushChannel
from workers.session.events.resync_loop import ResyncLoop
from workers.session.invitations import ReceivedInvitations
from workers.session.leave.pending_leaves import PendingLeaves
from workers.session.member.join_tasks import JoinTasks
from workers.session.member.joining import Joining
from workers.session.member.leaving import Leaving
from workers.session.member.membership import Membership
from workers.session.member.membership_states import MembershipState
from workers.session.member.own_entry.publisher import OwnEntryPublisher
from workers.session.member.parts import MoveParts
from workers.session.member.party_problems import PartyProblems
from workers.session.member.party_resync import PartyResync
from workers.session.member.updates import PartyUpdates
from workers.session.memory import PartyMemoryFile
from workers.session.party.reader import PartyReader
from workers.session.requests.administration import PartyAdministration
from workers.session.requests.following import FollowRequests
from workers.session.requests.listing import PartyListing
from workers.session.requests.moves import MoveRequests
from workers.session.state import health_detail, observed_facts

TOKEN_WAIT_S = 30.0
"""How long a call waits for auth, which may be refreshing the token."""
STOPPING_TOKEN_WAIT_S = 0.7
"""It leaves time for the leave itself while the worker stops."""


class Session(Worker):
    name = "session"
    calls_sony = True
    niceness = 10

    def __init__(self, paths: Paths, settings: Settings) -> None:
        super().__init__(paths, settings)
        psn, place = settings.psn, place_of(settings.psn)
        self._account_id = self._broker_boot = ""
        self._token_wait_s = TOKEN_WAIT_S
        self._tokens = BusTokens(lambda request: self.bus.request(request, self._token_wait_s))
        self._endpoints = EndpointSource(settings, paths)
        self._http = PsnClient(psn, self._endpoints, self._tokens)
        self._calls = PartyCalls(self._http, psn)
        lookups = LookupCalls(self._http, psn, self._tokens)
        file = PartyMemoryFile(paths.state / "session.json", place)
        self._leaves = PendingLeaves(file.beside("leaves.json"), place, self._calls, self._tokens)
        self._membership = Membership(file, self._leaves)
        self._updates = PartyUpdates(self._membership, file)
        self._push = PushChannel(self.bus.request, self)
        self._own_entry = OwnEntryPublisher(self._calls)
        signaling, own_entry = self._push, self._own_entry
        parts = MoveParts(self._calls, self._tokens, self._membership, self._leaves, own_entry, signaling, self.perform)
        self._leaving = Leaving(parts)
        self._resync = PartyResync(parts, self._leaving, PartyReader(self._calls, lookups))
        self._joining = Joining(parts, self._leaving, self._resync, psn.platform)
        self._party_problems = PartyProblems(self, self._membership)
        self._resyncs = ResyncLoop(self._resync, self._party_problems, psn.backoff_max_s)
        self._invitations = ReceivedInvitations(paths.state / "invitations.json", place, self.bus.publish)
        self._joins = JoinTasks(self._joining, lookups, self._endpoints, self._invitations, self._party_problems)
        search = PlayerSearch(self._calls, lookups, self._invitations)
        followed = FollowedFile(paths.state / "follow.json", place)
        self._follower = Follower(followed, PollSchedule(settings.session.follow_every_s), search, self._membership)
        self._rejoin = Rejoin(settings.session.rejoin_s, self._joins, self._party_problems)
        has_demo = psn.realm == "simulator" and settings.simulator.demo
        self._demo = DemoJoin(self._endpoints, file, self._follower, self._push.open) if has_demo else None
        self._automatic = AutomaticJoins(file, self._follower, self._rejoin, self._demo)
        listing = PartyListing(self._calls, lookups, self._membership, self._invitations)
        self._requests = (
            MoveRequests(self._joins, self._leaving, self._automatic, listing),
            FollowRequests(lookups, self._automatic, self.request_resync),
            listing,
            PartyAdministration(self._calls, lookups, self._membership, self._resync),
        )

    async def setup(self) -> None:
        broker = f"{WorkerHealth.TOPIC}/broker"
        events = self.bus.subscribe(AuthState, PushState, PushEvent, SignalRefused, Trying, broker)
        if self._resync.restore():
            self.request_resync("session was restarted")
        self._invitations.publish()
        for requests in self._requests:
            requests.serve(self.bus)
        self.spawn(self._follower.run(self._push.open, self._joins, self.bus.publish), "follow a player")
        self.spawn(self._resyncs.run(), "resync")
        self.spawn(self._own_entry.run(self._resync.on_not_a_member), "publish our own entry")
        self.spawn(self._leaves.run(self._leaving), "retry leaves")
        self.spawn(self._rejoin.run(), "rejoin")
        if self._demo is not None:
            self.spawn(self._demo.run(self._joins, self._party_problems), "join the demo party")
        self.spawn(self._listen(events), "listen")

    def beat(self) -> None:
        super().beat()
        self._updates.on_tick(Moment.now(), connected=self._push.open.is_set())

    def on_wake(self, wake: Wake) -> None:
        self.spawn(self._http.drop_connections())  # after a pause of this process too, which is rare
        self._resyncs.reset_backoff()
        self.perform(self._updates.on_wake(wake))
        self._leaves.wake()
        self._automatic.on_wake()

    async def stop(self) -> None:
        """Leave the party if the whole pipeline stops. A restart of session alone resumes it."""
        self._token_wait_s = STOPPING_TOKEN_WAIT_S
        await self._joins.cancel_all()
        try:
            await self._leaving.leave_at_stop(os.environ.get("SUPERVISOR_SERVER_URL", ""), self.name)
        finally:
            await self._http.close()

    async def _listen(self, events: Subscription) -> None:
        async for received in events:
            self._on_message(received.message)

    def _on_message(self, message: object) -> None:
        match message:
            case PushEvent():
                self._on_push_event(message)
            case PushState():
                self._push.on_push_state(message)
                if message.connected:
                    self._automatic.on_channel_open()
            case AuthState():
                self._on_auth_state(message)
            case Trying():
                self._own_entry.set_place_1(message.shared.get("customdata4.place-1", "empty"))
            case SignalRefused() if str(NOT_A_MEMBER) in message.message:
                self.request_resync("a signal was refused: not a member")
            case WorkerHealth(worker="broker") if message.boot != self._broker_boot:
                if self._broker_boot:
                    self.request_resync("the broker was restarted")
                self._broker_boot = message.boot
        self._automatic.wake()

    def _on_push_event(self, event: PushEvent) -> None:
        kind = kind_of(event)
        self._push.on_push_event(event)
        self._invitations.on_push_event(event, kind, Moment.now())
        self._automatic.on_push_event(kind)
        self.perform(self._updates.on_push_event(event, time.monotonic()))

    def _on_auth_state(self, state: AuthState) -> None:
        self._tokens.renewed(state.access_expires_at)
        self._joining.on_account(AccountFacts(country=state.country, is_child=state.is_child))
        if state.account_id != self._account_id:
            if self._account_id:
                self._tokens.drop()
                self.request_resync("another account")
            self._account_id = state.account_id
            self._invitations.set_account(state.account_id)

    # --- what the parts ask for -------------------------------------------------------------------

    def request_resync(self, reason: str) -> None:
        """Schedule a resync of the party by REST, if there is one."""
        if self._membership.state is not MembershipState.OUT:
            self._resyncs.request(reason)

    def on_channel_reopened(self) -> None:
        self.perform(self._updates.on_channel_reopened())

    def perform(self, actions: Iterable[Action]) -> None:
        """Carry out what the membership asks for."""
        for action in actions:
            match action:
                case do.PublishParty():
                    self._publish_party(action.state)
                case do.NameMembers():
                    self._own_entry.set_members(action.members)
                case do.RequestResync():
                    self.request_resync(action.reason)
                case do.ScheduleExpiry():
                    wait_s = max(0.0, action.at - time.monotonic()) + 0.01  # timers may be early by less
                    asyncio.get_running_loop().call_later(wait_s, self._expire)
                case do.EndVoiceChat():
                    self.spawn(self._push.end_voice_chat(), "push channel idle")
                case do.LostParty():
                    if not self.stopping.is_set():
                        self._automatic.on_lost(action)
                case _:
                    assert_never(action)

    def _expire(self) -> None:
        self.perform(self._updates.on_expiry(time.monotonic()))

    def _publish_party(self, state: PartyState) -> None:
        self.bus.publish(state)
        self.awake.want(state.phase != "none")
        if not self.stopping.is_set():
            self.set_health("running", health_detail(state))
        self.facts = {"calls": str(self._http.calls)}
        for name, (value, source) in observed_facts(self._calls.shape, self._http.accepted_headers).items():
            self.publish_fact(name, value, source)
        if state.phase == "joining":
            self._resyncs.reset_backoff()
        elif state.phase == "none":
            self._party_problems.on_out()
        self._automatic.on_party(state)
