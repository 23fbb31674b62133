"""The media worker: one WebRTC connection per member, and their voices as 10 ms frames on the audio plane."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Coroutine
from importlib.metadata import version
from typing import Any, ClassVar

from common.basic.clock import boot_s
from common.bus import AudioPublisher
from common.config.tables import Settings
from common.errors import BusUnreachableError, PartylineError
from common.files.paths import Paths
from common.ice import IceOptions
from common.messages import (
    BRIDGE_PEER,
    Member,
    Message,
    PartyState,
    PeerSignal,
    PeerState,
    PushState,
    SignalRefused,
    Speaking,
    Trying,
)
from common.psn.http.endpoints import place_of
from common.requests import Done, HoldOffers
from common.run.worker import Worker
from common.wire import Received
from workers.media import guard
from workers.media.bridge.bridge_gate import OneVoice, is_needed, ways
from workers.media.memory import Kept, WorkedFile
from workers.media.negotiate.negotiation import Negotiation
from workers.media.peers.connections import Surroundings
from workers.media.peers.ladder import Ladder
from workers.media.peers.rtp_hook import check_hook
from workers.media.peers.silent_track import silent_packet
from workers.media.receive.path import ReceivePath
from workers.media.receive.voice.opus import Library, find_library
from workers.media.talkers.bridge_talker import BridgeTalker
from workers.media.talkers.media_problems import Troubles
from workers.media.talkers.push_outages import Hearing
from workers.media.talkers.roster import Roster
from workers.media.talkers.talker import Talker
from workers.media.tick import Ticker

POLL_S = 0.1


class Media(Worker):
    """The party's connections. They survive a restart of session, signaling or the broker."""

    name: ClassVar[str] = "media"
    niceness: ClassVar[int] = -10

    def __init__(self, paths: Paths, settings: Settings) -> None:
        super().__init__(paths, settings)
        self._roster = Roster(settings.media, boot_s(), self._new_talker, self._let_go)
        self._publisher: AudioPublisher | None = None
        self._library: Library | None = None
        self._silence = b""
        self._troubles = Troubles(self, paths)
        self._one_voice = OneVoice()
        self._worked = WorkedFile(paths.state / "unknowns.json", place_of(settings.psn))
        self._ladder = Ladder(self._worked.now.worked, climbs=settings.media.try_forms)
        self._trying = Trying()
        self._hearing = Hearing()
        self._ticker = Ticker(self._tick)

    @property
    def _talkers(self) -> dict[str, Talker]:
        return self._roster.talkers

    async def run(self) -> None:
        try:
            check_hook()
            self._library = find_library()
        except PartylineError as error:
            self.publish_error(error)
            self.set_health("degraded", error.message)
            await self.stopping.wait()
            return
        features = ", ".join(self._library.features) or "neither deep PLC nor DRED"
        self.facts = {"libopus": f"{self._library.version}, {features}", "aiortc": version("aiortc")}
        guard.install(IceOptions.of(self.settings))
        self._silence = silent_packet()
        self._publisher = AudioPublisher(self.paths.run)
        self.bus.serve(HoldOffers, self._on_hold)
        self.spawn(self._listen(), "bus")
        self.spawn(self._clear_stale(), "clear")
        self.spawn(self._poll(), "poll")
        self.spawn(self._ticker.run(), "tick")
        gc.collect()
        gc.freeze()  # imported objects are permanent, and the collector's pauses would be audible
        self.set_health("running")
        await self.stopping.wait()

    async def stop(self) -> None:
        await asyncio.gather(*(talker.close() for talker in self._roster.take_all()))
        if self._publisher is not None:
            self._publisher.close()
            self._publisher = None

    # --- the bus ---------------------------------------------------------------------------------

    async def _listen(self) -> None:
        async for received in self.bus.subscribe(PartyState, PushState, f"{PeerSignal.TOPIC}/in/", SignalRefused):
            try:
                self._take(received)
            except Exception as error:  # one bad message must not silence the party
                self.log.exception("a message could not be dealt with", topic=received.topic)
                self.publish_problem(
                    "media.message-fault",
                    f"A message ({received.topic}) met {type(error).__name__}.",
                    "Report it with media's log; the party goes on.",
                    severity="warning",
                    new_occurrence=True,
                )

    def _take(self, received: Received) -> None:
        message, now = received.message, time.monotonic()
        if isinstance(message, PartyState):
            self._roster.party(message, now, boot_s())
        elif isinstance(message, PushState):
            self._hearing.push(message, now)
        elif isinstance(message, PeerSignal):
            self._roster.signal(message, now)
        elif isinstance(message, SignalRefused):
            self._roster.refused(message, now)

    async def _clear_stale(self) -> None:
        """Clear what an earlier run of media left of peers that are gone."""
        while True:
            try:
                left = await self.bus.snapshot(PeerState, Speaking)
                break
            except BusUnreachableError:
                continue  # no broker yet: the request's own wait is the pause
            except PartylineError as error:
                self.publish_error(error, severity="warning")
                return
        stale = [one for one in left if one.header.boot != self.bus.boot and one.key not in self._talkers]
        for received in stale:
            self.bus.clear(received.cls, received.key)
        if any(received.key == BRIDGE_PEER for received in stale):
            self._roster.bridge_left(time.monotonic())

    async def _on_hold(self, request: HoldOffers) -> Done:
        self._roster.hold(time.monotonic() + request.for_s, meets=request.meet)
        return Done()

    # --- talkers ---------------------------------------------------------------------------------------

    def _new_talker(self, member: Member, negotiation: Negotiation) -> Talker:
        self.log.info("member", peer=member.peer, online_id=member.online_id)
        kind = BridgeTalker if member.peer == BRIDGE_PEER else Talker
        if kind.is_member:
            shown = {"customdata4.place-1": member.place_1} if member.place_1 else {}
            self._ladder.joined(member.peer, member.app_version, shown)
        around = Surroundings(
            silence=self._silence,
            new_path=self._new_path,
            publish=self._publish,
            clear=self.bus.clear,
            spawn=self._spawn,
            problem=self._troubles.complain,
            ladder=self._ladder,
            found=self._remember,
            missed=self._hearing.missed,
            bad_rtp=self._troubles.bad_rtp,
            explained=self._troubles.explained,
            floods=self._troubles.floods,
            one_voice=self._one_voice,
        )
        return kind(member, negotiation, around)

    def _remember(self) -> None:
        """Store the recipes that worked, for the next party."""
        self._worked.keep(Kept(worked=self._ladder.worked))

    def _tell_trying(self) -> None:
        """Publish the message forms in use with the members, if they changed."""
        words = {key: self._ladder.words(key) for key in self._talkers}
        trying = Trying(shared=self._ladder.shared, members={key: word for key, word in words.items() if word})
        if trying != self._trying:
            self._trying = trying
            self.bus.publish(trying)

    def _let_go(self, talker: Talker) -> None:
        self.log.info("member left", peer=talker.member.peer)
        self._ladder.left(talker.member.peer)
        talker.leave()  # at once, so that no pending offer is sent
        self.spawn(talker.close())

    def _new_path(self) -> ReceivePath:
        assert self._library is not None
        settings = self.settings.media
        return ReceivePath(
            self._library.decoder(),
            min_delay_ms=settings.min_delay_ms,
            max_delay_ms=settings.max_delay_ms,
            latency=settings.latency,
        )

    def _publish(self, message: Message) -> None:
        self.bus.publish(message)

    def _spawn(self, job: Coroutine[Any, Any, Any]) -> None:
        self.spawn(job)

    # --- time --------------------------------------------------------------------------------------

    def _tick(self, number: int, due_ns: int) -> None:
        if self._publisher is None:
            return

        for talker in list(self._talkers.values()):
            try:
                frame = talker.tick(number, due_ns, self.bus.boot)
            except Exception as error:  # one voice must not silence the others
                self.log.exception("a receive path failed", peer=talker.member.peer)
                self.publish_problem(
                    "media.receive-fault",
                    f"Decoding a voice met {type(error).__name__}; it begins anew.",
                    "Report it with media's log; the party goes on.",
                    new_occurrence=True,
                )
                talker.renew_path()
                continue
            if frame is not None:
                self._publisher.send(*frame)

    async def _poll(self) -> None:
        beats = 0
        while True:
            await asyncio.sleep(POLL_S)
            beats += 1
            now = time.monotonic()
            for talker in list(self._talkers.values()):
                talker.poll(now)
            self._choose_ways()
            self._tell_trying()
            if beats % 10 == 0:
                self._each_second(now)

    def _choose_ways(self) -> None:
        """Set each talker's way, with the bridge only for members that have no connection of their own."""
        bridge = self._talkers.get(BRIDGE_PEER)
        connected = {key: talker.negotiation.connection == "connected" for key, talker in self._talkers.items()}
        for key, way in ways(connected, bridge_speaks=bridge is not None and bridge.receives).items():
            self._talkers[key].way = way
        self._one_voice.needed = is_needed(connected)

    def _each_second(self, now: float) -> None:
        for talker in self._talkers.values():
            talker.report(always=True)
        self._roster.forget_early(now)
        self._one_voice.keep(set(self._talkers))
        connected = sum(talker.negotiation.connection == "connected" for talker in self._talkers.values())
        self.set_health("running", f"{connected} of {len(self._talkers)} connected" if self._talkers else "no party")
        self.facts |= {
            "tick_late_p99_ms": f"{self._ticker.late_ms(0.99):.1f}",
            "ticks_moved": str(self._ticker.schedule.moved),
            "answers_ignored": str(sum(talker.negotiation.ignored for talker in self._talkers.values())),
        }
        self._troubles.each_second(self._talkers.values())
        self._tell_clock()

    def _tell_clock(self) -> None:
        for talker in self._talkers.values():
            if talker.rtp_clock:
                self.publish_fact("rtp.clock", str(talker.rtp_clock), "the timestamps of a member's packets")
