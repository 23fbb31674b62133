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
from common.ice import IceOptions
from common.messages import Member, Message, PeerSignal
from workers.media import guard
from workers.media.bridge.bridge_gate import OneVoice
from workers.media.guard.datagrams import Kind, kind_of
from workers.media.guard.protocol import GuardedProtocol
from workers.media.negotiate.negotiation import Negotiation
from workers.media.negotiate.retries import Timing
from workers.media.peers.connections import Surroundings
from workers.media.peers.ladder import Ladder
from workers.media.peers.peer import Peer
from workers.media.peers.silent_track import silent_packet
from workers.media.receive.buffer.packets import Rtp
from workers.media.receive.path import ReceivePath
from workers.media.receive.voice.opus import find_library
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
        return kind_of(data) in (Kind.STUN, Kind.DTLS) and self.dice.random() < self.share


def install(*, lossy: bool) -> None:
    """Set up the next connections as in the product. `lossy` drops STUN and DTLS."""
    guard.install(IceOptions(loopback=True))
    Lossy.share, Lossy.dice = (LOSS if lossy else 0.0), random.Random(1)
    aioice.ice.StunProtocol = Lossy  # type: ignore[misc]


class _Noting(Talker):
    """Records each packet before the receive path gets it."""

    def __init__(self, *arguments: Any, note: Callable[[Rtp], None]) -> None:
        self._note = note
        super().__init__(*arguments)

    def _rtp(self, packet: Rtp, arrived_ns: int) -> None:
        self._note(packet)
        super()._rtp(packet, arrived_ns)

    @property
    def peers(self) -> list[Peer]:
        return list(self._connections._peers.values())  # noqa: SLF001

    @property
    def formats(self) -> dict[int, str]:
        return dict(self._path.buffer.formats) if self._path is not None else {}


class Ours:
    """The talker with its tick. `send` gets outgoing signals."""

    def __init__(self, send: Callable[[PeerSignal], None], *, offers: bool) -> None:
        self.connected_at = self.voice_at = 0.0
        self.packets_at: list[float] = []
        self.connections = 0
        self.problems: list[str] = []
        self._send = send
        self._tasks: set[asyncio.Task[Any]] = set()
        self._sound: list[NDArray[np.int16]] = []
        self._taken = 0
        self._steps: Counter[int] = Counter()
        self._formats: Counter[str] = Counter()
        self._stereo, self._before = 0, -1
        library = find_library()
        now = time.monotonic()
        negotiation = Negotiation(Timing(), older=offers, offer_at=now if offers else now + NEVER_S)
        ladder = Ladder()
        ladder.joined(MEMBER.peer)
        around = Surroundings(
            silence=silent_packet(),
            new_path=lambda: ReceivePath(library.decoder()),
            publish=self._publish,
            clear=lambda *_: None,
            spawn=self._spawn,
            problem=lambda error: self.problems.append(error.message),
            ladder=ladder,
            one_voice=OneVoice(),
            found=lambda: None,
            missed=lambda _: False,
            bad_rtp=lambda _: self.problems.append("a packet could not be used"),
            explained=lambda *_: None,
            floods=lambda _: self.problems.append("it was said to send too much"),
        )
        self.talker = _Noting(MEMBER, negotiation, around, note=self._note)
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
        facts = peers[-1].story.facts()
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
        return any(peer.story.facts().handshake.continued for peer in self.talker.peers)

    async def close(self) -> None:
        for task in self._clocks:
            task.cancel()
        await self.talker.close()
        await asyncio.gather(*self._clocks, *self._tasks, return_exceptions=True)

    # --- inside ----------------------------------------------------------------------------------

    def _publish(self, message: Message) -> None:
        if isinstance(message, PeerSignal):
            self._send(message)

    def _spawn(self, job: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _poll(self) -> None:
        while True:
            self.talker.poll(time.monotonic())
            self.connections = self.talker.negotiation._next_number - 1  # noqa: SLF001
            await asyncio.sleep(POLL_S)

    def _tick(self, number: int, due_ns: int) -> None:
        now = time.monotonic()
        if not self.connected_at and self.talker.negotiation.connection == "connected":
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
