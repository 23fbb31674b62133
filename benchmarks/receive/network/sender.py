"""The sender of every connection: aiortc's ICE and DTLS, with packets made beforehand and sent by the trace.

The bad network is applied at the moment of sending. A lost packet is not sent, a delayed one is sent later. Datagrams
are encrypted in order before the start, as if a relay had delayed them. The sending thread only sleeps and sends, and
so keeps the schedule to a fraction of a millisecond. Its delay is measured.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import socket
import struct
import threading
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.codecs import CODECS
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from benchmarks.receive.network import traces
from benchmarks.receive.network.packets import OPUS, RED, Packet, packets
from common.ice import IceOptions, install

CONNECT_S = 20.0
LEAD_S = 1.0
"""Time from `play` to the first packet."""
_RTP = struct.Struct(">BBHII")


@dataclass(frozen=True)
class Play:
    """What to send on one connection. `phase_ms` is its first packet's place in the 40 ms."""

    trace: str
    red: bool
    phase_ms: float


class _Mute(MediaStreamTrack):
    """A track that keeps aiortc's own sender idle."""

    kind = "audio"

    async def recv(self) -> Any:
        await asyncio.Event().wait()


class Sender:
    """The sender, which runs as a `Child`: `offer`, `accept`, `play`, `finish`, `close`."""

    def __init__(self) -> None:
        install(IceOptions(ipv6=False))
        CODECS["audio"][:] = [
            RTCRtpCodecParameters(mimeType="audio/opus", clockRate=48_000, channels=2, payloadType=OPUS)
        ]
        self._peers: dict[str, RTCPeerConnection] = {}
        self._thread: threading.Thread | None = None
        self._late_ns: list[int] = []

    async def offer(self, wanted: dict[str, bool]) -> dict[str, str]:
        """Create a connection for each name, with RED where True, and return the offers."""
        offers = {}
        for name, red in wanted.items():
            peer = self._peers[name] = RTCPeerConnection(RTCConfiguration(iceServers=[]))
            peer.addTransceiver(_Mute(), direction="sendonly")
            await peer.setLocalDescription(await peer.createOffer())
            offers[name] = with_red(peer.localDescription.sdp) if red else peer.localDescription.sdp
        return offers

    async def accept(self, answers: dict[str, str]) -> None:
        """Apply the answers and wait until all connections are up."""
        for name, sdp in answers.items():
            await self._peers[name].setRemoteDescription(RTCSessionDescription(without_red(sdp), "answer"))
        async with asyncio.timeout(CONNECT_S):
            await asyncio.gather(*(_up(peer) for peer in self._peers.values()))

    async def play(self, plays: dict[str, Play], seed: int, seconds: float) -> dict[str, int]:
        """Begin to send. Return when each connection's packet 0 is sent, in monotonic ns."""
        schedule: list[tuple[int, str, bytes]] = []
        phases = {name: int((LEAD_S * 1000 + play.phase_ms) * 1e6) for name, play in plays.items()}
        for name, play in plays.items():
            schedule += self._datagrams(name, play, seed, seconds, phases[name])
        schedule.sort(key=lambda item: item[0])
        routes = {name: _route(self._peers[name]) for name in plays}
        gc.collect()
        gc.freeze()
        now_ns = time.monotonic_ns()
        self._thread = threading.Thread(target=self._send, args=(schedule, routes, now_ns), daemon=True)
        self._thread.start()
        return {name: now_ns + phase for name, phase in phases.items()}

    async def finish(self) -> dict[str, float]:
        """Wait until all is sent. Return how late sending was, in ms."""
        assert self._thread is not None
        await asyncio.to_thread(self._thread.join)
        late = np.array(self._late_ns) / 1e6
        return {"p50": float(np.median(late)), "p99": float(np.percentile(late, 99)), "max": float(late.max())}

    async def close(self) -> None:
        await asyncio.gather(*(peer.close() for peer in self._peers.values()))
        self._peers.clear()
        self._late_ns.clear()

    def _datagrams(
        self, name: str, play: Play, seed: int, seconds: float, phase_ns: int
    ) -> list[tuple[int, str, bytes]]:
        sent = packets(seconds, red=play.red)
        trace = traces.make(play.trace, len(sent), seed)
        sender: Any = self._peers[name].getSenders()[0]
        session = sender.transport._tx_srtp  # noqa: SLF001  # as its own _send_rtp does
        sealed = [session.protect(rtp(packet, sender._ssrc)) for packet in sent]  # noqa: SLF001
        return [(phase_ns + int(at_ms * 1e6), name, sealed[number]) for at_ms, number in trace.arrivals()]

    def _send(
        self,
        schedule: list[tuple[int, str, bytes]],
        routes: dict[str, tuple[socket.socket, tuple[str, int]]],
        start_ns: int,
    ) -> None:
        for after_ns, name, datagram in schedule:
            due_ns = start_ns + after_ns
            wait_ns = due_ns - time.monotonic_ns()
            if wait_ns > 0:
                time.sleep(wait_ns / 1e9)
            sock, address = routes[name]
            sock.sendto(datagram, address)
            self._late_ns.append(time.monotonic_ns() - due_ns)
        for sock, _ in routes.values():
            sock.close()


def rtp(packet: Packet, ssrc: int) -> bytes:
    return _RTP.pack(0x80, packet.payload_type, packet.sequence % 65536, packet.timestamp, ssrc) + packet.payload


def phases(count: int, seed: int) -> list[float]:
    """Return where in the 40 ms each of `count` connections sends, in ms."""
    drawn = random.Random(seed)
    return [drawn.uniform(0.0, 40.0) for _ in range(count)]


def with_red(sdp: str) -> str:
    """Return `sdp` with RED as the preferred format. libwebrtc uses it only in first place."""
    lines = []
    for line in sdp.splitlines():
        lines.append(line.replace(f" {OPUS}", f" {RED} {OPUS}", 1) if line.startswith("m=audio") else line)
        if line.startswith(f"a=rtpmap:{OPUS} "):
            lines += [f"a=rtpmap:{RED} red/48000/2", f"a=fmtp:{RED} {OPUS}/{OPUS}"]
    return "\r\n".join(lines) + "\r\n"


def without_red(sdp: str) -> str:
    """Return `sdp` without RED, which aiortc does not support."""
    lines = []
    for line in sdp.splitlines():
        if line.startswith((f"a=rtpmap:{RED} ", f"a=fmtp:{RED} ", f"a=rtcp-fb:{RED} ")):
            continue
        lines.append(line.replace(f" {RED} ", " ", 1) if line.startswith("m=audio") else line)
    return "\r\n".join(lines) + "\r\n"


async def _up(peer: RTCPeerConnection) -> None:
    changed = asyncio.Event()
    peer.on("connectionstatechange", changed.set)
    while peer.connectionState != "connected":
        await changed.wait()
        changed.clear()


def _route(peer: RTCPeerConnection) -> tuple[socket.socket, tuple[str, int]]:
    """Return the socket and the remote address of the candidate pair that ICE has chosen."""
    sender: Any = peer.getSenders()[0]
    pair = sender.transport.transport._connection._nominated[1]  # noqa: SLF001  # aioice has no public accessor
    own = pair.protocol.transport.get_extra_info("socket")
    return socket.socket(fileno=os.dup(own.fileno())), pair.remote_addr
