"""Our `Peer` against another one in the same process, of any make: certificates, roles, what travels between them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Self

from aiortc import RTCCertificate, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack
from aiortc.rtcconfiguration import RTCBundlePolicy
from aiortc.rtcdtlstransport import generate_certificate
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from OpenSSL import SSL

from common.ice import IceOptions
from common.psn.sdp import from_sony, to_sony
from tests.support.waiting import until
from workers.media import guard
from workers.media.peers.peer import Peer
from workers.media.peers.silent_track import silent_packet
from workers.media.receive.buffer.rtp import Rtp

BOTH = b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA"
PATIENCE_S = 40.0


class Foreign(RTCCertificate):
    """A certificate with suites of its own."""

    suites = BOTH

    def _create_ssl_context(self, srtp_profiles: Any) -> SSL.Context:
        context = SSL.Context(SSL.DTLS_METHOD)
        context.set_cipher_list(self.suites + b":@SECLEVEL=0")  # before a short key is used
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
        context.use_certificate(self._cert)
        context.use_privatekey(self._key)
        context.set_tlsext_use_srtp(b":".join(profile.openssl_profile for profile in srtp_profiles))
        return context


def certificate(kind: str, suites: bytes = BOTH) -> Foreign:
    """Make one: ``rsa-2048``, ``p256``, ``p384``."""
    key: Any
    if kind.startswith("rsa"):
        key = rsa.generate_private_key(65537, int(kind.partition("-")[2]))
    else:
        key = ec.generate_private_key(ec.SECP256R1() if kind == "p256" else ec.SECP384R1())
    made = Foreign(key, generate_certificate(key))
    made.suites = suites
    return made


class Other:
    """The other side: plain aiortc with Sony's dialect; it speaks a tone."""

    def __init__(self, kind: str = "p256", suites: bytes = BOTH, *, data: bool = True) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.BALANCED))
        certificates = vars(self.connection)["_RTCPeerConnection__certificates"]
        certificates[:] = [certificate(kind, suites)]
        self.connection.addTransceiver(AudioStreamTrack())
        self.data = data

    @property
    def transport(self) -> Any:
        return self.connection.getTransceivers()[0].sender.transport

    async def offer(self) -> str:
        if self.data:
            self.connection.createDataChannel("data")
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return to_sony(self.connection.localDescription.sdp, "offer")

    async def accept(self, answer: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(from_sony(answer, "answer"), "answer"))

    async def answer(self, offer: str) -> str:
        await self.connection.setRemoteDescription(RTCSessionDescription(from_sony(offer, "offer"), "offer"))
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        return to_sony(self.connection.localDescription.sdp, "answer", offer=offer)

    async def close(self) -> None:
        await self.connection.close()


class Listening:
    """What a `Peer` reports, in lists."""

    def __init__(self) -> None:
        self.heard: list[Rtp] = []
        self.faults: list[str] = []
        self.states: list[str] = []

    def on_rtp(self, packet: Rtp, arrived_ns: int) -> None:
        self.heard.append(packet)

    def on_state(self, peer: Peer) -> None:
        self.states.append(peer.state)

    def on_fault(self, what: str) -> None:
        self.faults.append(what)


class Pair:
    """Ours and the other one, connected as the parameters say."""

    def __init__(self, other: Other | None = None) -> None:
        guard.install(IceOptions(loopback=True))
        events = Listening()
        self.heard, self.faults, self.states = events.heard, events.faults, events.states
        self.ours = Peer(events, silent_packet())
        self.other = other or Other()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(self.ours.close(), self.other.close())

    async def we_offer(self, mangle: Callable[[str], str] = lambda sdp: sdp, *, active: bool = True) -> None:
        """`active`: the other side is the DTLS client."""
        answer = await self.other.answer(await self.ours.offer() if active else _active(await self.ours.offer()))
        await self.ours.accept(mangle(answer))

    async def they_offer(self, mangle: Callable[[str], str] = lambda sdp: sdp, *, setup: str = "actpass") -> None:
        offer = (await self.other.offer()).replace("a=setup:actpass", f"a=setup:{setup}")
        if setup == "active":
            self.other.transport._set_role("client")
        await self.other.accept(await self.ours.answer(mangle(offer)))

    async def connected(self, within_s: float = PATIENCE_S) -> None:
        await until(lambda: self.ours.state == "connected", f"it is connected: {self.ours.diagnose()}", within_s)

    async def voice(self) -> None:
        """Wait until the other side's voice comes."""
        before = len(self.heard)
        await until(lambda: len(self.heard) > before + 3, "the voice is heard")

    @property
    def ours_ice(self) -> Any:
        return self.ours._transceiver.receiver.transport.transport._connection

    @property
    def gate(self) -> Any:
        return self.ours_ice.gate


def _active(offer: str) -> str:
    return offer.replace("a=setup:actpass", "a=setup:active")
