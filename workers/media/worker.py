"""The media worker: one WebRTC connection per member, and their voices as 10 ms frames on the audio plane."""

from __future__ import annotations

import asyncio
import gc
import time
from importlib.metadata import version
from typing import ClassVar

from common.basic.clock import boot_s
from common.config.tables import Settings
from common.errors import PartylineError
from common.files.paths import Paths
from common.ice import IceOptions
from common.messages import (
    BRIDGE_PEER,
    Member,
    PartyState,
    PeerSignal,
    PushState,
    SignalRefused,
    Trying,
)
from common.messages.wire import Received
from common.psn.http.endpoints import place_of
from common.run.wake import Wake
from common.run.worker import Worker
from common.system import qos
from workers.media import guard
from workers.media.bridge.bridge_gate import choose_ways, is_needed
from workers.media.memory import MemoryFile
from workers.media.negotiate.negotiation import Negotiation
from workers.media.requests import Requests
from workers.media.services import Services
from workers.media.stale_peers import stale_peers
from workers.media.talkers.bridge_talker import BridgeTalker
from workers.media.talkers.common_playout import CommonPlayout
from workers.media.talkers.frame_sender import FrameSender
from workers.media.talkers.media_problems import MediaProblems
from workers.media.talkers.roster import Roster
from workers.media.talkers.talker import Talker
from workers.media.tick import Ticker

POLL_S = 0.1
"""Interval at which timeouts are handled. Short against all of them."""


class Media(Worker):
    """The party's connections. They survive a restart of session, signaling or the broker."""

    name: ClassVar[str] = "media"
    niceness: ClassVar[int] = -10

    def __init__(self, paths: Paths, settings: Settings) -> None:
        super().__init__(paths, settings)
        self._media_problems = MediaProblems(self, paths)
        memory = MemoryFile(paths.state / "unknowns.json", place_of(settings.psn))
        self._services = Services(self, settings.media, memory, self._media_problems)
        self._roster = Roster(settings.media, boot_s(), self._new_talker, self._remove_talker)
        self._requests = Requests(self.bus, self._roster)
        self._playout = CommonPlayout(settings.media, self._roster.talkers, self.bus.publish)
        self._frames = FrameSender(self, self._roster.talkers, self._playout)
        self._ticker = Ticker(self._frames.tick)
        self._trying = Trying()

    @property
    def _talkers(self) -> dict[str, Talker]:
        return self._roster.talkers

    async def setup(self) -> None:
        qos.set_time_critical()
        try:
            library = self._services.load()
        except PartylineError as error:
            self.publish_error(error)
            self.set_health("degraded", error.message)
            return
        features = ", ".join(library.features) or "neither deep PLC nor DRED"
        self.facts = {"libopus": f"{library.version}, {features}", "aiortc": version("aiortc")}
        guard.install(IceOptions.of(self.settings))
        self._frames.open()
        self._requests.serve()
        self.spawn(self._listen(), "bus")
        self.spawn(self._clear_stale(), "clear")
        self.spawn(self._playout.begin(self.bus), "delay")
        self.spawn(self._poll(), "poll")
        self.spawn(self._ticker.run(), "tick")
        gc.collect()
        gc.freeze()  # imported objects are permanent, and the collector's pauses would be audible
        self.set_health("running")

    def on_wake(self, wake: Wake) -> None:
        """Check all connections, since nothing was heard or counted while the machine slept.

        After a pause of this process alone the clock has run on, so that the usual timeouts apply at once.
        """
        if not wake.slept:
            return
        now = time.monotonic()
        self._services.on_wake(now)
        self._roster.on_wake(wake.away_s, now)

    async def stop(self) -> None:
        await asyncio.gather(*(talker.close() for talker in self._roster.take_all()))
        self._frames.close()

    # --- the bus ---------------------------------------------------------------------------------

    async def _listen(self) -> None:
        async for received in self.bus.subscribe(PartyState, PushState, f"{PeerSignal.TOPIC}/in/", SignalRefused):
            try:
                self._on_message(received)
            except Exception as error:  # one bad message must not silence the party
                self.log.exception("a message could not be handled", topic=received.topic)
                self.publish_problem(
                    "media.message-fault",
                    f"A message ({received.topic}) met {type(error).__name__}.",
                    "Report it with media's log. The party goes on.",
                    severity="warning",
                    new_occurrence=True,
                )

    def _on_message(self, received: Received) -> None:
        message, now = received.message, time.monotonic()
        if isinstance(message, PartyState):
            self._job_runner.check_wake(self)  # a state that session read after a sleep confirms the party
            self._roster.on_party(message, now, boot_s())
        elif isinstance(message, PushState):
            self._services.on_push_state(message, now)
        elif isinstance(message, PeerSignal):
            self._roster.on_signal(message, now)
        elif isinstance(message, SignalRefused):
            self._roster.on_refusal(message, now)

    async def _clear_stale(self) -> None:
        try:
            stale = await stale_peers(self.bus, self._talkers)
        except PartylineError as error:
            self.publish_error(error, severity="warning")
            return
        for received in stale:
            self.bus.clear(received.cls, received.key)
        if any(received.key == BRIDGE_PEER for received in stale):
            self._roster.record_bridge(time.monotonic())

    # --- talkers ---------------------------------------------------------------------------------------

    def _new_talker(self, member: Member, negotiation: Negotiation) -> Talker:
        self.log.info("member joined", peer=member.peer, online_id=member.online_id)
        kind = BridgeTalker if member.peer == BRIDGE_PEER else Talker
        if kind.is_member:
            shown = {"customdata4.place-1": member.place_1} if member.place_1 else {}
            self._services.ladder.on_joined(member.peer, member.app_version, shown)
        return kind(member, negotiation, self._services)

    def _remove_talker(self, talker: Talker) -> None:
        self.log.info("member left", peer=talker.member.peer)
        self._services.ladder.on_left(talker.member.peer)
        talker.leave()  # at once, so that no pending offer is sent
        self.spawn(talker.close())

    # --- time --------------------------------------------------------------------------------------

    async def _poll(self) -> None:
        polls = 0
        while True:
            await asyncio.sleep(POLL_S)
            polls += 1
            now = time.monotonic()
            for talker in list(self._talkers.values()):
                talker.poll(now)
            self._choose_ways()
            self._publish_trying()
            if polls % 10 == 0:
                self._each_second(now)

    def _choose_ways(self) -> None:
        """Set each talker's way, with the bridge only for members that have no connection of their own."""
        bridge = self._talkers.get(BRIDGE_PEER)
        connected = {key: talker.negotiation.status.connection == "connected" for key, talker in self._talkers.items()}
        for key, way in choose_ways(connected, bridge_speaks=bridge is not None and bridge.voice.receives).items():
            self._talkers[key].publisher.set_way(way)
        self._services.bridge_gate.set_needed(needed=is_needed(connected))

    def _publish_trying(self) -> None:
        """Publish the message forms in use with the members, if they changed."""
        ladder = self._services.ladder
        words = {key: ladder.words(key) for key in self._talkers}
        trying = Trying(shared=ladder.shared, members={key: word for key, word in words.items() if word})
        if trying != self._trying:
            self._trying = trying
            self.bus.publish(trying)

    def _each_second(self, now: float) -> None:
        talkers = self._talkers.values()
        for talker in talkers:
            talker.publisher.publish_state(always=True)
        self._roster.forget_early(now)
        self._services.bridge_gate.retain(set(self._talkers))
        connected = sum(talker.negotiation.status.connection == "connected" for talker in talkers)
        self.set_health("running", f"{connected} of {len(talkers)} connected" if talkers else "no party")
        late_ms = self._ticker.late_ms(0.99)
        self._media_problems.on_lateness(late_ms, is_in_party=bool(talkers))
        self.facts |= {
            "tick_late_p99_ms": f"{late_ms:.1f}",
            "ticks_moved": str(self._ticker.schedule.moved),
            "answers_ignored": str(sum(talker.negotiation.status.ignored for talker in talkers)),
        }
        self._media_problems.update(talkers)
        self._publish_rtp_clock()

    def _publish_rtp_clock(self) -> None:
        for talker in self._talkers.values():
            if talker.rtp_clock:
                self.publish_fact("rtp.clock", str(talker.rtp_clock), "the timestamps of a member's packets")
