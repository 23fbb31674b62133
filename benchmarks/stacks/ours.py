"""Our side of a cell, the media worker's talker with its frames and packets recorded."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

import aioice.ice
import numpy as np
from numpy.typing import NDArray

from benchmarks.stacks.judge import QUIET, WINDOW, Seen
from common.bus.voice.opus import Decoder, find_library
from common.errors import PartylineError
from common.ice import IceOptions
from common.messages import Member, Message, PeerSignal
from workers.media import guard
from workers.media.bridge.bridge_gate import BridgeGate
from workers.media.guard.datagrams import DatagramKind, kind_of
from workers.media.guard.diagnosis import Diagnosis
from workers.media.guard.filtered import GuardedProtocol
from workers.media.negotiate.negotiation import Negotiation
from workers.media.negotiate.retries import Timeouts
from workers.media.peers.ladder import Ladder
from workers.media.peers.peer import Peer
from workers.media.peers.silent_track import silent_packet
from workers.media.receive.buffer.rtp import Rtp
from workers.media.receive.path import ReceivePath
from workers.media.talkers.talker import Talker
from workers.media.tick import Ticker
from workers.media.worker import POLL_S

MEMBER = Member(account_id="9000000000000000001", platform="PROSPERO", online_id="the console")
NEVER_S = 3600.0
LOSS = 1 / 3
_TOC_STEREO = 0x04


class Lossy(GuardedProtocol):
    """Drops a `share` of STUN and DTLS in both directions. Voice passes."""

    share = 0.0
    dice = random.Random(1)

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        if not self._lost(bytes(data)):  # type: ignore[arg-type]
            super().datagram_received(data, addr)

    def send_stun(self, message: Any, addr: tuple[str, int]) -> None:
        if not self._lost(b"\0"):
            super().send_stun(message, addr)

    async def send_data(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self._lost(data):
            await super().send_data(data, addr)

    def _lost(self, data: bytes) -> bool:
        return kind_of(data) in (DatagramKind.STUN, DatagramKind.DTLS) and self.dice.random() < self.share


def install(*, lossy: bool) -> None:
    """Set up the next connections as in the product. `lossy` drops STUN and DTLS."""
    guard.install(IceOptions(loopback=True))
    Lossy.share, Lossy.dice = (LOSS if lossy else 0.0), random.Random(1)
    aioice.ice.StunProtocol = Lossy  # type: ignore[misc]


class _RecordingPath(ReceivePath):
    """Records each packet before it is used."""

    def __init__(self, decoder: Decoder, record: Callable[[Rtp], None]) -> None:
        self._record = record
        super().__init__(decoder)

    def put(self, packet: Rtp, arrived_ns: int) -> None:
        self._record(packet)
        super().put(packet, arrived_ns)


class _Talker(Talker):
    @property
    def peers(self) -> list[Peer]:
        return list(self._connections._peers.values())  # noqa: SLF001

    @property
    def formats(self) -> dict[int, str]:
        return dict(self.voice.path.buffer.formats) if self.voice.path is not None else {}


class _Services:
    """The worker's part for one talker. `send` gets outgoing signals, and `record` each packet."""

    def __init__(self, send: Callable[[PeerSignal], None], record: Callable[[Rtp], None]) -> None:
        self.silence = silent_packet()
        self.ladder = Ladder()
        self.ladder.on_joined(MEMBER.peer)
        self.bridge_gate = BridgeGate()
        self.problems: list[str] = []
        self.tasks: set[asyncio.Task[Any]] = set()
        self._send, self._record, self._library = send, record, find_library()

    def new_path(self) -> ReceivePath:
        return _RecordingPath(self._library.decoder(), self._record)

    def publish(self, message: Message) -> None:
        if isinstance(message, PeerSignal):
            self._send(message)

    def clear(self, cls: type[Message], key: str) -> None: ...

    def spawn(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(job)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def may_have_missed(self, since: float) -> bool:  # noqa: ARG002  # answers come by memory here
        return False

    def store_forms(self) -> None: ...

    def on_connection_fault(self, error: PartylineError) -> None:
        self.problems.append(error.message)

    def on_no_connection(self, member: Member, why: Diagnosis) -> None: ...

    def on_bad_rtp(self, who: str) -> None:  # noqa: ARG002  # there is one member
        self.problems.append("a packet could not be used")

    def on_flood(self, who: str) -> None:  # noqa: ARG002  # the same
        self.problems.append("it was said to send too much")


class Ours:
    """The talker with its tick. `send` gets outgoing signals."""

    def __init__(self, send: Callable[[PeerSignal], None], *, offers: bool) -> None:
        self.connected_at = self.voice_at = 0.0
        self.packets_at: list[float] = []
        self.connections = 0
        self._sound: list[NDArray[np.int16]] = []
        self._taken = 0
        self._steps: Counter[int] = Counter()
        self._formats: Counter[str] = Counter()
        self._stereo, self._before = 0, -1
        now = time.monotonic()
        negotiation = Negotiation(Timeouts(), wins_glare=offers, offer_at=now if offers else now + NEVER_S)
        self._services = _Services(send, self._note)
        self.problems = self._services.problems
        self.talker = _Talker(MEMBER, negotiation, self._services)
        self._ticker = Ticker(self._tick)
        self._clocks = [asyncio.ensure_future(self._ticker.run()), asyncio.ensure_future(self._poll())]

    @property
    def sentence(self) -> str:
        """The product's explanation of the latest failed try. Empty if none failed."""
        why = self.talker.why
        return why.sentence if why is not None else ""

    def window(self) -> NDArray[np.int16] | None:
        """Return the next half second that is not silent, or None if there is none yet."""
        sound = np.concatenate(self._sound) if self._sound else np.zeros(0, np.int16)
        while len(sound) - self._taken >= WINDOW:
            window = sound[self._taken : self._taken + WINDOW]
            self._taken += WINDOW
            if np.abs(window).max() >= QUIET:
                return window
        return None

    def longest_gap(self, since: float, until: float) -> float:
        """Return the longest time without a packet, in seconds. Times are monotonic."""
        times = [since, *(at for at in self.packets_at if since < at < until), until]
        return max(after - before for before, after in pairwise(times))

    def seen(self) -> Seen:
        peers = self.talker.peers
        if not peers:
            return Seen()
        facts = peers[-1].log.facts()
        families = {"IPv6" if "IPv6" in text else "IPv4" for text in facts.remote if "prflx" not in text}
        return Seen(
            packets=len(self.packets_at),
            formats=dict(self._formats),
            steps_ms=dict(self._steps),
            stereo=self._stereo,
            certificate=facts.handshake.certificate,
            role=facts.handshake.role,
            lite=facts.lite,
            families=tuple(sorted(families)),
        )

    @property
    def continued(self) -> bool:
        return any(peer.log.facts().handshake.continued for peer in self.talker.peers)

    async def close(self) -> None:
        for task in self._clocks:
            task.cancel()
        await self.talker.close()
        await asyncio.gather(*self._clocks, *self._services.tasks, return_exceptions=True)

    # --- inside ----------------------------------------------------------------------------------

    async def _poll(self) -> None:
        while True:
            self.talker.poll(time.monotonic())
            self.connections = self.talker.negotiation.status.made
            await asyncio.sleep(POLL_S)

    def _tick(self, number: int, due_ns: int) -> None:
        now = time.monotonic()
        if not self.connected_at and self.talker.negotiation.status.connection == "connected":
            self.connected_at = now
        made = self.talker.tick(number, due_ns, "boot")
        if made is None:
            return
        frame, data = made
        if frame.sounding and not frame.concealed and not self.voice_at:
            self.voice_at = now
        self._sound.append(np.frombuffer(data, np.int16) if data else np.zeros(480, np.int16))

    def _note(self, packet: Rtp) -> None:
        self.packets_at.append(time.monotonic())
        self._formats[self.talker.formats.get(packet.payload_type, "other")] += 1
        if self._before >= 0 and (step := (packet.timestamp - self._before) % (1 << 32)) < 1 << 20:
            self._steps[step // 48] += 1
        self._before = packet.timestamp
        opus = self.talker.formats.get(packet.payload_type) == "opus" and packet.payload
        self._stereo += bool(opus and packet.payload[0] & _TOC_STEREO)
