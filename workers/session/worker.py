"""Session worker, which manages our party and its members."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Coroutine
from typing import Any, Literal

from common.basic.clock import Moment
from common.config.tables import Settings
from common.errors import PartylineError
from common.files.paths import Paths
from common.messages import (
    AuthState,
    Following,
    Invitations,
    PartyState,
    PushEvent,
    PushState,
    SignalRefused,
    Trying,
    WorkerHealth,
)
from common.psn.account.tokens import BusTokens
from common.psn.http.client import PsnClient
from common.psn.http.endpoints import EndpointSource, place_of
from common.psn.http.refusals import NOT_A_MEMBER
from common.psn.party.links import SessionId, parse_target
from common.requests import (
    AccessToken,
    CreateParty,
    Done,
    EndSignals,
    FindPictures,
    FollowPlayer,
    JoinParty,
    LeaveParty,
    ListParties,
    Parties,
    Pictures,
    Token,
)
from common.run.worker import Worker
from workers.session import end_reasons
from workers.session.automatic.demo_join import DemoJoin
from workers.session.automatic.followed import FollowedFile, LookSchedule
from workers.session.automatic.follower import Follower
from workers.session.automatic.rejoin import Rejoin
from workers.session.calls.party import PartyCalls
from workers.session.events.push_channel import PushChannel
from workers.session.events.resync import Resync
from workers.session.invitations import ReceivedInvitations
from workers.session.leave.pipeline_stop import whole_pipeline_stops
from workers.session.member.membership import Membership
from workers.session.memory import MemoryFile
from workers.session.requests.administration import PartyAdministration
from workers.session.requests.listing import PartyListing

TOKEN_WAIT_S = 30.0
STOPPING_TOKEN_WAIT_S = 0.7
END_SIGNALS_WAIT_S = 1.5
"""How long a leave waits for the party's bridge to be left."""
TICK_S = 5.0
UNREAD = "session.party-unread"
REJOINED = "session.party-rejoined"
Severity = Literal["note", "warning", "error"]


class Session(Worker):
    name = "session"
    calls_sony = True
    niceness = 10

    def __init__(self, paths: Paths, settings: Settings) -> None:
        super().__init__(paths, settings)
        psn = settings.psn
        self._endpoints = EndpointSource(settings, paths)
        self._token_wait_s = TOKEN_WAIT_S
        self._tokens = BusTokens(self._ask_token)
        self._http = PsnClient(psn, self._endpoints, self._tokens)
        self._calls = PartyCalls(self._http, psn, self._tokens)
        place = place_of(psn)
        memory = MemoryFile(paths.state / "session.json", place)
        self._membership = Membership(self._calls, self._tokens, memory, self._say, self._doubt)
        self._membership.before_leaving = self._end_signals
        self._invited = ReceivedInvitations(paths.state / "invitations.json", place, self._say_invitations)
        self._listing = PartyListing(self._calls, self._membership, self._invited)
        every_s = settings.session.follow_every_s
        file = FollowedFile(paths.state / "follow.json", place)
        self._follower = Follower(file, LookSchedule(every_s), self._calls, self._membership, self._invited)
        self._by_itself = psn.realm == "simulator" and settings.simulator.demo
        self._broker_boot = ""
        self._account = ""
        self._push = PushChannel(self.bus.request, self._doubt, self._push_reopened)
        self._doubts = Resync(self._membership.reconcile, self._doubt_failed, self._well, psn.backoff_max_s)
        self._demo = DemoJoin(self._endpoints, self._membership, self._follower, self._push.open)
        self._rejoin = Rejoin(settings.session.rejoin_s, self._go_back, self._is_back, self._stays_out)
        self._troubles: set[str] = set()
        self._joins: set[asyncio.Task[PartyState]] = set()

    async def run(self) -> None:
        broker = f"{WorkerHealth.TOPIC}/broker"
        events = self.bus.subscribe(AuthState, PushState, PushEvent, SignalRefused, Trying, broker)
        if self._membership.restore():
            self._doubt("session was restarted")
        self._invited.tell()
        self.bus.serve(JoinParty, self._on_join)
        self.bus.serve(LeaveParty, self._on_leave)
        self.bus.serve(ListParties, self._on_list)
        PartyAdministration(self._calls, self._membership).serve(self.bus)
        self.bus.serve(CreateParty, self._on_create)
        self.bus.serve(FollowPlayer, self._on_follow)
        self.bus.serve(FindPictures, self._on_pictures)
        self.spawn(self._follower.run(self._push.open, self._start_join, self._say_following), "follow")
        self.spawn(self._doubts.run(), "settle doubts")
        self.spawn(self._membership.telling.run(), "tell our own data")
        self.spawn(self._membership.leaves.run(), "finish leaves")
        self.spawn(self._rejoin.run(), "join again")
        self.spawn(self._ticks(), "notice sleep")
        if self._by_itself:
            self.spawn(self._demo.run(self._start_join, self._trouble), "join the demo party")
        async for received in events:
            self._take(received.message)

    async def stop(self) -> None:
        """Leave the party if the whole pipeline stops. A restart of session alone resumes it."""
        self._token_wait_s = STOPPING_TOKEN_WAIT_S
        for task in list(self._joins):
            task.cancel()
        await asyncio.gather(*self._joins, return_exceptions=True)
        try:
            if self._membership.memory.phase == "none":
                return
            if not await whole_pipeline_stops(os.environ.get("SUPERVISOR_SERVER_URL", ""), self.name):
                self.log.info("staying in the party: only this worker stops")
                return
            failure = await self._membership.leave_now("partyline was stopped.")
            if failure is not None:
                self.log.warning("the leave was not confirmed; it is tried at the next start", error=failure.message)
        finally:
            await self._http.close()

    # --- what comes in ----------------------------------------------------------------------------

    def _take(self, message: object) -> None:
        if isinstance(message, PushEvent):
            self._push.count(message)
            self._invited.take(message, Moment.now())
            self._follower.hint(message)
            self._follow(self._membership.take(message, time.monotonic()))
        elif isinstance(message, PushState):
            self._push.take(message)
            if message.connected:
                self._follower.poke()
        elif isinstance(message, AuthState):
            self._signed_in(message)
        elif isinstance(message, Trying):
            self._membership.telling.place_1(message.shared.get("customdata4.place-1", "empty"))
        elif isinstance(message, SignalRefused):
            if str(NOT_A_MEMBER) in message.message:
                self._doubt("a message of ours met: not a member")
        elif isinstance(message, WorkerHealth) and message.boot != self._broker_boot:
            if self._broker_boot:
                self._doubt("the broker was restarted")
            self._broker_boot = message.boot
        self._demo.poke()

    def _signed_in(self, message: AuthState) -> None:
        self._tokens.renewed(message.access_expires_at)
        self._membership.who = end_reasons.Who(country=message.country, is_child=message.is_child)
        if message.account_id != self._account:
            if self._account:
                self._tokens.drop()
                self._doubt("another account")
            self._account = message.account_id
            self._invited.belong_to(message.account_id)

    def _push_reopened(self) -> None:
        self._follow(self._membership.reopened())

    def _follow(self, deadline: float | None) -> None:
        """Schedule the expiry of events that wait for a missing one."""
        if deadline is not None:
            wait = max(0.0, deadline - time.monotonic()) + 0.01
            asyncio.get_running_loop().call_later(wait, lambda: self._follow(self._membership.expire(time.monotonic())))

    def _say(self, state: PartyState) -> None:
        self.bus.publish(state)
        others = sum(not member.is_me for member in state.members)
        words = {"none": "in no party", "joining": "joining", "leaving": "leaving"}
        if not self.stopping.is_set():
            self.set_health("running", words.get(state.phase, f"in the party with {others} others"))
        self.facts = {"calls": str(self._http.calls)}
        self._tell_facts()
        if state.phase == "joining":
            self._doubts.begin()
        elif state.phase == "none":
            self.clear_problem(REJOINED)
            self.clear_problem(UNREAD)
            lost, self._membership.lost = self._membership.lost, None
            if lost is not None and not self.stopping.is_set():
                self._rejoin.lost(lost)
        self._follower.note(state)
        self._demo.poke()

    def _say_invitations(self, invitations: Invitations) -> None:
        self.bus.publish(invitations)

    def _say_following(self, following: Following) -> None:
        self.bus.publish(following)

    # --- requests ---------------------------------------------------------------------------------

    async def _on_join(self, request: JoinParty) -> PartyState:
        target = request.target.strip()
        if not target:
            target = self._demo.link() if self._by_itself else await self._listing.only_party()
        self._other_wish()
        return await self._start_join(target)

    async def _on_create(self, request: CreateParty) -> PartyState:
        self._other_wish()
        return await self._start(self._create(request))

    def _other_wish(self) -> None:
        """Cancel automatic moves, since the user chose a party."""
        self._membership.forget_wish(0)
        self._follower.stop()
        self._rejoin.stop()

    async def _create(self, request: CreateParty) -> PartyState:
        name, platform = request.name.strip(), self.settings.psn.platform
        await self._membership.create(name, platform, self._push.ready, open_to_friends=request.open)
        self._well()
        return self._membership.state()

    def _start_join(self, target: str) -> asyncio.Task[PartyState]:
        return self._start(self._join(target))

    def _start(self, move: Coroutine[Any, Any, PartyState]) -> asyncio.Task[PartyState]:
        """Run `move` in its own task, which `stop` can cancel."""
        task = asyncio.create_task(move)
        self._joins.add(task)
        task.add_done_callback(self._joins.discard)
        return task

    async def _join(self, target: str) -> PartyState:
        return await self._go_to(*await self._resolve(target))

    async def _go_to(self, session_id: str, cpss_id: str) -> PartyState:
        try:
            await self._membership.join(session_id, cpss_id, self.settings.psn.platform, self._push.ready)
        except PartylineError as error:
            if error.code == end_reasons.GONE:
                self._invited.forget(session_id)
            raise
        self._invited.forget(session_id)
        self._well()
        return self._membership.state()

    async def _resolve(self, target: str) -> tuple[str, str]:
        """Return session id and cpssId ("" without a link)."""
        meant = parse_target(target, self._endpoints.current().party_link)
        if isinstance(meant, SessionId):
            return meant.value, ""
        info = await self._calls.resolve(meant.value)
        memory = self._membership.memory
        if not info.joinable and not (memory.phase == "joined" and memory.session_id == info.session_id):
            raise end_reasons.not_joinable(info)
        return info.session_id, meant.value

    async def _on_leave(self, _: LeaveParty) -> Done:
        memory = self._membership.memory
        self._membership.forget_wish(os.getppid())
        ended = self._follower.stop()
        self._rejoin.stop()
        if memory.phase == "none":
            return Done(message=f"There was no party to leave.{ended}")
        failure = await self._membership.leave("Left the party.")
        if failure is not None:
            return Done(message=f"Left the party here; {end_reasons.unconfirmed(failure)}{ended}")
        self.spawn(self._push.idle(), "push channel idle")
        return Done(message=f"Left the party.{ended}")

    async def _on_follow(self, request: FollowPlayer) -> Done:
        if not request.online_id.strip():
            ended = self._follower.stop().strip()
            self._doubt("a join may have been broken off")
            return Done(message=ended or "Nobody was followed.")
        account_id, online_id = await self._calls.account(request.online_id.strip())
        self._membership.forget_wish(0)
        self._rejoin.stop()
        self._follower.start(account_id, online_id)
        return Done(message=f"Following {online_id}: partyline is in whatever party they are in, from now on.")

    async def _on_list(self, _: ListParties) -> Parties:
        return Parties(parties=await self._listing.parties())

    async def _on_pictures(self, request: FindPictures) -> Pictures:
        return Pictures(urls=await self._calls.pictures(request.account_ids) if request.account_ids else {})

    def _tell_facts(self) -> None:
        """Publish what was learnt about Sony's protocol."""
        for name, value in self._calls.shape.items():
            self.publish_fact(name, value, "the view of our party")
        if self._http.accepted_headers:
            self.publish_fact("headers.native", self._http.accepted_headers, "calls that were accepted")

    # --- inside -----------------------------------------------------------------------------------

    async def _ask_token(self, request: AccessToken) -> Token:
        return await self.bus.request(request, self._token_wait_s)

    def _doubt(self, reason: str) -> None:
        """Schedule a resync of the party by REST."""
        if self._membership.memory.phase != "none":
            self._doubts.raise_(reason)

    def _doubt_failed(self, error: PartylineError) -> None:
        self._trouble(error if self._membership.members_known else end_reasons.unread(error, UNREAD), "warning")

    async def _ticks(self) -> None:
        while True:
            self._membership.tick(Moment.now(), connected=self._push.open.is_set())
            await asyncio.sleep(TICK_S)

    async def _end_signals(self, session_id: str) -> None:
        """Make signaling stop sending to that party, since messages and bridges are for members only."""
        try:
            await self.bus.request(EndSignals(session_id=session_id), END_SIGNALS_WAIT_S)
        except PartylineError as error:
            self.log.info("the party is left without signaling's word that nothing is on its way", error=error.message)

    def _go_back(self, session_id: str, cpss_id: str) -> asyncio.Task[PartyState]:
        return self._start(self._go_to(session_id, cpss_id))

    def _is_back(self, away_s: float) -> None:
        """Report that we are in the party again, as a note that stays until we leave."""
        self.publish_error(end_reasons.rejoined(away_s, REJOINED), severity="note")

    def _stays_out(self, error: PartylineError) -> None:
        self.log.warning("the party that dropped us is not joined again", error=error.message)

    def _trouble(self, error: PartylineError, severity: Severity = "error") -> None:
        self._troubles.add(error.code)
        self.publish_error(error, severity=severity, new_occurrence=True)

    def _well(self) -> None:
        """Clear the problems that this success resolves."""
        for code in self._troubles:
            self.clear_problem(code)
        self._troubles.clear()
