"""What the media worker gives to its talkers (`talkers.services`)."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from common.bus.voice.opus import Library, find_library
from common.config.tables import MediaSettings
from common.errors import PartylineError
from common.messages import Member, Message, PushState
from common.run.worker import Worker
from workers.media.bridge.bridge_gate import BridgeGate
from workers.media.guard.diagnosis import Diagnosis
from workers.media.memory import Memory, MemoryFile
from workers.media.peers.ladder import Ladder
from workers.media.peers.rtp_hook import check_hook
from workers.media.peers.silent_track import silent_packet
from workers.media.receive.path import ReceivePath
from workers.media.talkers.media_problems import MediaProblems
from workers.media.talkers.push_outages import PushOutages


class Services:
    """Call `load` before the first talker."""

    def __init__(self, worker: Worker, settings: MediaSettings, memory: MemoryFile, problems: MediaProblems) -> None:
        self.silence = b""
        self.bridge_gate = BridgeGate()
        self.ladder = Ladder(memory.now.worked, climbs=settings.try_forms)
        self._worker, self._settings, self._memory, self._problems = worker, settings, memory, problems
        self._push_outages = PushOutages()
        self._library: Library | None = None

    def load(self) -> Library:
        """Load libopus, and check aiortc. Raises `PartylineError` if one of them cannot be used."""
        check_hook()
        self._library = find_library()
        self.silence = silent_packet()
        return self._library

    def new_path(self) -> ReceivePath:
        assert self._library is not None
        return ReceivePath(
            self._library.decoder(),
            min_delay_ms=self._settings.min_delay_ms,
            max_delay_ms=self._settings.max_delay_ms,
            latency=self._settings.latency,
        )

    def publish(self, message: Message) -> None:
        self._worker.bus.publish(message)

    def clear(self, cls: type[Message], key: str) -> None:
        self._worker.bus.clear(cls, key)

    def spawn(self, job: Coroutine[Any, Any, None]) -> None:
        self._worker.spawn(job)

    def on_push_state(self, message: PushState, now: float) -> None:
        self._push_outages.on_push_state(message, now)

    def on_wake(self, now: float) -> None:
        """Handle that this machine slept until now."""
        self._push_outages.on_wake(now)

    def may_have_missed(self, since: float) -> bool:
        return self._push_outages.may_have_missed(since)

    def store_forms(self) -> None:
        self._memory.keep(Memory(worked=self.ladder.worked))

    def on_connection_fault(self, error: PartylineError) -> None:
        self._problems.on_connection_fault(error)

    def on_no_connection(self, member: Member, why: Diagnosis) -> None:
        self._problems.on_no_connection(member, why)

    def on_bad_rtp(self, who: str) -> None:
        self._problems.on_bad_rtp(who)

    def on_flood(self, who: str) -> None:
        self._problems.on_flood(who)
