"""A console for media's tests: an aiortc peer that speaks Sony's dialect, and the bus around the worker."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcconfiguration import RTCBundlePolicy
from av.packet import Packet

from common.basic.clock import boot_s
from common.bus import AudioSubscriber, Bus
from common.files.paths import Paths
from common.ice import IceOptions, install
from common.messages import (
    FRAME_SAMPLES,
    AudioFrame,
    Member,
    Message,
    PartyState,
    PeerSignal,
    PeerState,
    Problem,
    Speaking,
    WorkerHealth,
)
from common.psn.sdp import from_sony, to_sony
from tests.support.waiting import until
from tests.workers.media.voice import PACKET_MS, encode, voice

ME = Member(account_id="5000", platform="MOBILE_APP", online_id="me", is_me=True)


class VoiceTrack(MediaStreamTrack):
    """Speaks encoded packets in real time, once; then it sends nothing."""

    kind = "audio"

    def __init__(self, packets: list[tuple[int, bytes]]) -> None:
        super().__init__()
        self.packets = packets
        self.sent = 0
        self._began = 0.0

    async def recv(self) -> Packet[Any]:
        if self.sent == len(self.packets):
            await asyncio.Future()
        if not self.sent:
            self._began = time.monotonic()
        timestamp, payload = self.packets[self.sent]
        self.sent += 1
        await asyncio.sleep(max(0.0, self._began + timestamp / 48_000 - time.monotonic()))
        packet = Packet(payload)
        packet.pts, packet.time_base = timestamp, Fraction(1, 48_000)
        return packet


class Console:
    """One member with a voice. `drop(n)` says whether the network loses its n-th RTP packet."""

    def __init__(
        self,
        account_id: str,
        *,
        seconds: float = 4.0,
        pitch_hz: float = 120.0,
        drop: Callable[[int], bool] | None = None,
        mangle: Callable[[str], str] = lambda sdp: sdp,
        data: bool = True,
    ) -> None:
        self.member = Member(account_id=account_id, platform="PS5", online_id=f"console-{account_id}")
        self.source = voice(seconds, pitch_hz=pitch_hz, seed=int(account_id))
        self.packets = encode(self.source)
        self.mangle = mangle
        self.data = data
        self.heard_rtp = 0
        self.first = b""
        """The first packet's header."""
        self._drop = drop
        self._rtp = 0
        self.connection: RTCPeerConnection | None = None
        self.track: VoiceTrack | None = None

    async def _renew(self) -> RTCPeerConnection:
        await self.close()
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.BALANCED))
        self.track = VoiceTrack(self.packets)
        self.connection.addTransceiver(self.track)

        @self.connection.on("track")
        async def on_track(track: MediaStreamTrack) -> None:
            with suppress(MediaStreamError):
                while True:
                    await track.recv()
                    self.heard_rtp += 1

        return self.connection

    async def offer(self) -> str:
        connection = await self._renew()
        if self.data:
            connection.createDataChannel("data")
        await connection.setLocalDescription(await connection.createOffer())
        return self.mangle(to_sony(connection.localDescription.sdp, "offer"))

    async def accept(self, answer: str) -> None:
        assert self.connection
        await self.connection.setRemoteDescription(RTCSessionDescription(from_sony(answer, "answer"), "answer"))
        self._lossy()

    async def answer(self, offer: str) -> str:
        connection = await self._renew()
        await connection.setRemoteDescription(RTCSessionDescription(from_sony(offer, "offer"), "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        self._lossy()
        return self.mangle(to_sony(connection.localDescription.sdp, "answer", offer=offer))

    def _lossy(self) -> None:
        assert self.connection
        transport: Any = self.connection.getTransceivers()[0].sender.transport
        send = transport._send_rtp

        async def lossy(data: bytes) -> None:
            if data[1] & 0x7F == 96:
                self.first = self.first or data[:12]
                self._rtp += 1
                if self._drop and self._drop(self._rtp - 1):
                    return
            await send(data)

        transport._send_rtp = lossy

    async def send_raw(self, back: int, payload_type: int, payload: bytes, *, flags: int = 0x80) -> None:
        """Send a packet numbered `back` before the first one, encrypted like the others."""
        assert self.connection
        number = (int.from_bytes(self.first[2:4], "big") - back) % 65536
        data = bytes([flags, payload_type]) + number.to_bytes(2, "big") + self.first[4:12] + payload
        await self.connection.getTransceivers()[0].sender.transport._send_rtp(data)

    async def close(self) -> None:
        if self.connection:
            await self.connection.close()


class Heard:
    """Everything on the audio plane, from a thread of its own."""

    def __init__(self, run: Path) -> None:
        self.frames: dict[str, list[tuple[AudioFrame, bytes, int]]] = defaultdict(list)
        self._subscriber = AudioSubscriber(run)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while not self._ended.is_set():
            for frame, samples in self._subscriber.receive(50):
                self.frames[frame.peer].append((frame, samples, time.monotonic_ns()))
        self._subscriber.close()

    def samples(self, peer: str) -> npt.NDArray[np.int16]:
        silence = bytes(2 * FRAME_SAMPLES)
        return np.frombuffer(b"".join(samples or silence for _, samples, _ in self.frames[peer]), np.int16)

    def close(self) -> None:
        self._ended.set()
        self._thread.join()


class PartyRig:
    """Stands in for session and signaling on a real bus, and records what media publishes."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.consoles: dict[str, Console] = {}
        self.states: dict[str, PeerState] = {}
        self.speaking: dict[str, list[bool]] = defaultdict(list)
        self.problems: list[Problem] = []
        self.health: WorkerHealth | None = None
        self.signals: list[PeerSignal] = []
        self.respond = True
        self.joined_s = boot_s()

    def publish_party(self, *, phase: str = "joined") -> None:
        members = (ME, *(console.member for console in self.consoles.values())) if phase == "joined" else ()
        self.bus.publish(
            PartyState(phase=phase, session_id="s", me=ME.peer, joined_s=self.joined_s, members=members)  # type: ignore[arg-type]
        )

    def add(self, *consoles: Console) -> None:
        for console in consoles:
            self.consoles[console.member.peer] = console
        self.publish_party()

    def signal(self, console: Console, kind: str, sdp: str, sequence: int = 1) -> None:
        self.bus.publish(
            PeerSignal(
                direction="in",
                account_id=console.member.account_id,
                platform=console.member.platform,
                kind=kind,  # type: ignore[arg-type]
                sdp=sdp,
                sequence=sequence,
            )
        )

    async def listen(self) -> None:
        async for received in self.bus.subscribe(
            PeerState, Speaking, Problem, WorkerHealth, f"{PeerSignal.TOPIC}/out/"
        ):
            await self._take(received.message, received.key)

    async def _take(self, message: Message | None, key: str) -> None:
        if isinstance(message, PeerSignal):
            self.signals.append(message)
            if self.respond:
                await self._relay(message)
        elif isinstance(message, PeerState):
            self.states[key] = message
        elif isinstance(message, Speaking):
            self.speaking[key].append(message.speaking)
        elif isinstance(message, Problem):
            self.problems.append(message)
        elif isinstance(message, WorkerHealth) and message.worker == "media":
            self.health = message
        elif message is None:
            self.states.pop(key, None)

    async def _relay(self, signal: PeerSignal) -> None:
        console = self.consoles.get(f"{signal.account_id}.{signal.platform}")
        if console is None:
            return
        if signal.kind == "offer":
            self.signal(console, "answer", await console.answer(signal.sdp), signal.sequence)
        else:
            await console.accept(signal.sdp)

    async def until(self, condition: Callable[[], Any], what: str, within_s: float = 40.0) -> None:
        """Wait for a condition; fail when it does not come true."""
        await until(condition, lambda: f"{what}; {self.states}", within_s, every_s=0.02)

    def connected(self, console: Console) -> bool:
        state = self.states.get(console.member.peer)
        return state is not None and state.connection == "connected"

    async def spoken(self, console: Console) -> None:
        """Wait until the console has said everything, and media has played it."""
        await self.until(lambda: console.track and console.track.sent == len(console.packets), "all is said")
        await asyncio.sleep(PACKET_MS / 1000 * 10)  # the last packets' way through the receive path, in real time


@asynccontextmanager
async def party(home: Path) -> AsyncIterator[tuple[PartyRig, Heard]]:
    """Yield a rig on the bus of `home`, whose broker and media run already or will."""
    install(IceOptions(loopback=True))
    run = Paths(home).run
    bus = Bus("signaling", run)
    await bus.start()
    heard = Heard(run)
    rig = PartyRig(bus)
    listening = asyncio.create_task(rig.listen())
    try:
        await rig.until(lambda: rig.health and rig.health.state == "running", "media runs")
        yield rig, heard
    finally:
        for console in rig.consoles.values():
            await console.close()
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        heard.close()
        await bus.close()
