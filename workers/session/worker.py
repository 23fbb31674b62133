"""session: which party we are in, and who is in it."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Literal

from common.errors import PartyError, PartylineError
from common.messages import (
    AuthState,
    Following,
    Invitations,
    PartyState,
    PushEvent,
    PushState,
    SignalRefused,
    WorkerHealth,
)
from common.paths import Paths
from common.psn.endpoints import EndpointSource
from common.psn.http import PsnClient
from common.psn.refusals import NOT_A_MEMBER
from common.psn.tokens import BusTokens
from common.requests import AccessToken, Token
from common.tables import Settings
from common.worker import Worker
from workers.session import ends
from workers.session.calls import PartyCalls
from workers.session.demo import Demo
from workers.session.desk import Desk
from workers.session.doubts import Doubts
from workers.session.follow import Pace, WishFile
from workers.session.follower import Follower
from workers.session.gaps import EventCounter
from workers.session.going import Going, Ways
from workers.session.invited import Invited
from workers.session.membership import Membership
from workers.session.memory import MemoryFile
from workers.session.rejoin import NO_PUSH, Rejoin
from workers.session.supervisor import whole_pipeline_stops

PUSH_WAIT_S = 20.0
"""A join waits so long for the push channel to be open."""
TOKEN_WAIT_S = 30.0
STOPPING_TOKEN_WAIT_S = 0.7
TICK_S = 5.0
UNREAD = "session.party-unread"
REJOINED = "session.party-rejoined"
Severity = Literal["note", "warning", "error"]


class Session(Worker):
    name = "session"
    niceness = 10

    def __init__(self, paths: Paths, settings: Settings) -> None:
        super().__init__(paths, settings)
        psn = settings.psn
        self._endpoints = EndpointSource(settings, paths)
        self._token_wait_s = TOKEN_WAIT_S
        self._tokens = BusTokens(self._ask_token)
        self._http = PsnClient(psn, self._endpoints, self._tokens)
        self._calls = PartyCalls(self._http, psn, self._tokens)
        place = "simulator" if psn.realm == "simulator" else psn.mobile_url
        memory = MemoryFile(paths.state / "session.json", place)
        self._membership = Membership(self._calls, self._tokens, memory, self._say, self._doubt)
        self._invited = Invited(paths.state / "invitations.json", place, self._say_invitations)
        every_s = settings.session.follow_every_s
        file = WishFile(paths.state / "follow.json", place)
        self._follower = Follower(file, Pace(every_s), self._calls, self._membership, self._invited)
        self._by_itself = psn.realm == "simulator" and settings.simulator.demo
        self._counter = EventCounter()
        self._broker_boot = ""
        self._account = ""
        self._push_open = asyncio.Event()
        self._doubts = Doubts(self._membership.reconcile, self._doubt_failed, self._well, psn.backoff_max_s)
        self._demo = Demo(self._endpoints, self._membership, self._follower, self._push_open)
        self._going = Going(
            Ways(
                calls=self._calls,
                endpoints=self._endpoints,
                membership=self._membership,
                invited=self._invited,
                follower=self._follower,
                push_open=self._wait_for_push,
                demo_link=self._demo.link if self._by_itself else None,
                doubt=self._doubt,
                well=self._well,
            )
        )
        self._rejoin = Rejoin(settings.session.rejoin_s, self._going.back, self._is_back, self._stays_out)
        self._going.rejoin = self._rejoin
        self._troubles: set[str] = set()

    async def run(self) -> None:
        events = self.bus.subscribe(AuthState, PushState, PushEvent, SignalRefused, f"{WorkerHealth.TOPIC}/broker")
        if self._membership.restore():
            self._doubt("session was restarted")
        self._invited.tell()
        self._going.serve(self.bus)
        Desk(self._calls, self._membership).serve(self.bus)
        self.spawn(self._follower.run(self._push_open, self._going.start, self._say_following), "follow")
        self.spawn(self._doubts.run(), "settle doubts")
        self.spawn(self._membership.telling.run(), "tell our own data")
        self.spawn(self._membership.leaves.run(), "finish leaves")
        self.spawn(self._rejoin.run(), "join again")
        self.spawn(self._ticks(), "notice sleep")
        if self._by_itself:
            self.spawn(self._demo.run(self._going.start, self._trouble), "join the demo party")
        async for received in events:
            self._take(received.message)

    async def stop(self) -> None:
        """Leave the party if the whole pipeline stops; a restart of session alone goes on with it."""
        self._token_wait_s = STOPPING_TOKEN_WAIT_S
        await self._going.stop()
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
            if self._counter.gap(message.epoch, message.number):
                self._doubt("the bus lost a push event")
            self._invited.take(message, time.time())
            self._follower.hint(message)
            self._follow(self._membership.take(message, time.monotonic()))
        elif isinstance(message, PushState):
            self._push_changed(message)
        elif isinstance(message, AuthState):
            self._signed_in(message)
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
        self._membership.who = ends.Who(country=message.country, is_child=message.is_child)
        if message.account_id != self._account:
            if self._account:
                self._tokens.drop()
                self._doubt("another account")
            self._account = message.account_id
            self._invited.belong_to(message.account_id)

    def _push_changed(self, state: PushState) -> None:
        if not state.connected:
            self._push_open.clear()
            return
        if self._counter.opened(state.epoch):
            self._doubt("the push channel was opened anew")
        self._push_open.set()
        self._follower.poke()

    def _follow(self, deadline: float | None) -> None:
        """See to it that events which wait for a missing one do not wait for ever."""
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
        if state.phase == "joining":
            self._doubts.begin()
        elif state.phase == "none":
            self.solved(REJOINED)
            self.solved(UNREAD)
            lost, self._membership.lost = self._membership.lost, None
            if lost is not None and not self.stopping.is_set():
                self._rejoin.lost(lost)
        self._follower.note(state)
        self._demo.poke()

    def _say_invitations(self, invitations: Invitations) -> None:
        self.bus.publish(invitations)

    def _say_following(self, following: Following) -> None:
        self.bus.publish(following)

    # --- what moves need ----------------------------------------------------------------------------

    async def _wait_for_push(self) -> None:
        """Wait until messages can reach us: without that they answer 404 to their senders [seen: 2 clients]."""
        try:
            async with asyncio.timeout(PUSH_WAIT_S):
                await self._push_open.wait()
        except TimeoutError:
            raise PartyError(
                "The push channel is not open, and without it nobody in the party could reach us.",
                "See `partyline status` for what signaling lacks, then join again.",
                code=NO_PUSH,
            ) from None

    async def _ask_token(self, request: AccessToken) -> Token:
        return await self.bus.request(request, self._token_wait_s)

    def _doubt(self, reason: str) -> None:
        """Have the party read anew by REST, soon."""
        if self._membership.memory.phase != "none":
            self._doubts.raise_(reason)

    def _doubt_failed(self, error: PartylineError) -> None:
        self._trouble(error if self._membership.members_known else ends.unread(error, UNREAD), "warning")

    async def _ticks(self) -> None:
        while True:
            self._membership.tick(time.time(), connected=self._push_open.is_set())
            await asyncio.sleep(TICK_S)

    def _is_back(self, away_s: float) -> None:
        """Tell that we are in the party again; it is news until we leave, and no trouble."""
        self.problem_of(ends.rejoined(away_s, REJOINED), severity="note")

    def _stays_out(self, error: PartylineError) -> None:
        self.log.warning("the party that dropped us is not joined again", error=error.message)

    def _trouble(self, error: PartylineError, severity: Severity = "error") -> None:
        self._troubles.add(error.code)
        self.problem_of(error, severity=severity)

    def _well(self) -> None:
        """Take back the troubles that a successful call shows to be over."""
        for code in self._troubles:
            self.solved(code)
        self._troubles.clear()
