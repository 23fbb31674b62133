"""The watch over one DTLS transport of aiortc. It records the handshake and sends lost flights again soon.

After an ICE restart the other side keeps its DTLS association (RFC 8842, 5). The transport that was made for the new
addresses takes the association over from its `former`, as soon as a packet arrives that only the former one can read.
Until then it sends no handshake for `FORMER_S`: some stacks (werift) drop their keys on a ClientHello.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

import pylibsrtp
from aiortc.rtcdtlstransport import RTCDtlsParameters, RTCDtlsTransport, State

from workers.media.guard import client_hello
from workers.media.guard.certificate import matches
from workers.media.guard.datagrams import DatagramKind, is_rtcp, kind_of
from workers.media.guard.handshake import Handshake

AGAIN_S = (0.1, 0.2, 0.4, 0.4, 0.8, 0.8, 0.8, 0.8, 0.8)
"""The pauses before each repetition of a flight without a reply, byte for byte. OpenSSL waits for 1, 2, 4 … s, which is
long on a line that loses a third. A receiver drops repeated records by their number (RFC 6347, 4.1.2.6)."""
_APART_S = 0.5
"""What is sent later than this after the rest of a flight is OpenSSL's own repetition of it (after 1, 2, 4 … s)."""
_LAST_FLIGHT_TIMES = 4
"""The server's last flight gets no reply. It is repeated this often, unless something encrypted arrives."""

FORMER_S = 1.0
"""How long the first flight is held back after an ICE restart, unless the other side begins a handshake.

In a pause of speech (DTX) a packet arrives every 400 ms, so that two can get lost.
"""

_OF_HANDSHAKE = (20, 22)
"""The record types change cipher spec and handshake. The last flight goes out when the handshake is done here."""


class DtlsWatch:
    """The watch over the handshake of one transport, from before it begins."""

    def __init__(
        self, transport: RTCDtlsTransport, handshake: Handshake, former: RTCDtlsTransport | None = None
    ) -> None:
        self._dtls: Any = transport
        self._former: Any = former
        self._handshake = handshake
        self.came_at = 0.0
        """When DTLS last arrived, in monotonic seconds, 0 if never."""
        self._flight: list[bytes] = []
        self._sent_s = 0.0
        self._replied = False
        """Whether anything came since the flight was sent. It may be a part of the reply, so the flight is repeated
        until the next one: a stack that meets a repetition sends its own flight again (RFC 6347, 4.2.4)."""
        self._encrypted = False
        self._former_until = 0.0
        """Until when the first flight is held back, in monotonic seconds."""
        self._task: asyncio.Task[None] | None = None
        ice: Any = transport.transport
        self._send, self._recv = ice._send, ice._recv  # noqa: SLF001
        ice._send, ice._recv = self._on_send, self._on_receive  # noqa: SLF001
        transport._validate_peer_identity = self._validate  # type: ignore[method-assign]  # noqa: SLF001

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def update(self) -> None:
        """Read what OpenSSL knows so far."""
        ssl, found = self._dtls._ssl, self._handshake  # noqa: SLF001
        self._former = None if found.done else self._former
        found.role = str(self._dtls._role)  # noqa: SLF001
        if ssl is None:
            return
        found.version = ssl.get_protocol_version_name() if found.came else ""
        found.suite = ssl.get_cipher_name() or ""
        found.srtp = ssl.get_selected_srtp_profile().decode("ascii", "replace")
        found.state = ssl.get_state_string().decode("ascii", "replace")

    # --- outgoing and incoming --------------------------------------------------------------------

    async def _on_send(self, data: bytes) -> None:
        if kind_of(data) is DatagramKind.DTLS and not self._encrypted:
            self._former_until = self._former_until or time.monotonic() + FORMER_S
            if data[0] in _OF_HANDSHAKE or not self._handshake.done:
                self._add_to_flight(data, time.monotonic())
                self._repeat_soon()
            if self._holds_back():
                return
            self._handshake.sent += 1
        await self._send(data)

    def _add_to_flight(self, data: bytes, now: float) -> None:
        """Record a datagram. It begins a flight if anything came since the last one, or if it repeats that one."""
        if self._replied or now - self._sent_s > _APART_S:
            self._flight.clear()
        self._replied, self._sent_s = False, now
        self._flight.append(data)

    def _holds_back(self) -> bool:
        """Return whether a handshake must wait, since the former association may continue."""
        return self._former is not None and not self._handshake.came and time.monotonic() < self._former_until

    async def _on_receive(self) -> bytes:
        data: bytes = await self._recv()
        kind = kind_of(data)
        if kind is DatagramKind.DTLS and not self._handshake.done:
            self._handshake.came += 1
            self.came_at = time.monotonic()
            self._replied = True
            if self._handshake.offered_version == "" and (found := client_hello.read(data)) is not None:
                self._handshake.offered, self._handshake.offered_version = found.suites, found.version
        elif kind is DatagramKind.RTP:
            if self._former is not None and not self._handshake.done and self._is_of_former(data):
                self._take_over()
            self._encrypted = True  # the peer has keys, so no flight is missing there
            self._flight.clear()
        return data

    def _is_of_former(self, data: bytes) -> bool:
        session = self._former._rx_srtp  # noqa: SLF001
        try:
            (session.unprotect_rtcp if is_rtcp(data) else session.unprotect)(data)
        except (pylibsrtp.Error, AttributeError):
            return False
        return True

    def _take_over(self) -> None:
        """Take over the former transport's association. Later packets there are still read, and its end is silent."""
        former, self._former = self._former, None
        for name in ("_ssl", "_rx_srtp", "_tx_srtp", "_role"):
            setattr(self._dtls, name, getattr(former, name))
        self._dtls.encrypted = True
        self._dtls._setup_srtp = lambda: None  # noqa: SLF001  # the sessions keep their counters
        self._handshake.done = self._handshake.continued = True

        async def without_goodbye() -> None:
            if former._task is not None:  # noqa: SLF001
                former._task.cancel()  # noqa: SLF001

        former.stop = without_goodbye

    def _repeat_soon(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.ensure_future(self._repeat())

    async def _repeat(self) -> None:
        if self._holds_back():
            await asyncio.sleep(self._former_until - time.monotonic())
            self._handshake.sent += len(self._flight)
            await self._send_flight()
        for number, pause in enumerate(AGAIN_S):
            await asyncio.sleep(pause)
            if self._dtls._state in (State.CLOSED, State.FAILED):  # noqa: SLF001
                return
            if self._handshake.done and (self._dtls._role == "client" or number >= _LAST_FLIGHT_TIMES):  # noqa: SLF001
                return
            self._handshake.repeated += len(self._flight)
            await self._send_flight()

    async def _send_flight(self) -> None:
        with contextlib.suppress(ConnectionError):
            for data in list(self._flight):
                await self._send(data)

    def _validate(self, remoteParameters: RTCDtlsParameters) -> None:  # noqa: N803  # aiortc's name
        certificate = self._dtls._ssl.get_peer_certificate(as_cryptography=True)  # noqa: SLF001
        if certificate is None or not matches(certificate, remoteParameters.fingerprints):
            self._handshake.mismatch = True
            self._dtls._set_state(State.FAILED)  # noqa: SLF001
