"""The hook that takes RTP from aiortc before aiortc's own jitter buffer.

aiortc's audio receiver has a buffer of 16 packets without a clock, no concealment, no FEC and no RED. One lost packet
costs 320 ms there. The hook therefore takes packets from the DTLS transport. It still passes them on, into a buffer
that keeps nothing, so that aiortc's RTCP receiver reports and statistics continue. RED and comfort noise are passed on
as Opus, since aiortc counts no other payload type. Otherwise RED would get no reports, and comfort noise would be
loss.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Mapping
from typing import Any

from aioice import Connection
from aiortc import RTCIceTransport, RTCPeerConnection, RTCRtpReceiver
from aiortc.rtcdtlstransport import RTCDtlsTransport

from common.errors import PartylineError
from workers.media.guard.datagrams import DatagramGate, source_of
from workers.media.receive.buffer.rtp import Format, Rtp, parse_rtp

OnRtp = Callable[[Rtp, int], None]
"""Called with a packet and its arrival in monotonic nanoseconds."""
OnFault = Callable[[str], None]
"""Called with what was wrong with a packet or its handling."""

_PRIVATE = "_RTCRtpReceiver__"
_STATE_BY_SOURCE = ("remote_streams", "active_ssrc", "lsr", "lsr_time")
"""What aiortc's receiver keeps for each SSRC, for ever."""
SOURCES = 4
"""The most SSRCs that aiortc may know. It cannot report on more than 31, and stops its reports for good at 128."""


class HookMissingError(PartylineError):
    """This version of aiortc differs from the known ones."""

    code = "media.no-rtp-hook"


class _NoBuffer:
    """A jitter buffer that keeps nothing and never has a frame to decode."""

    def add(self, _packet: object) -> tuple[bool, None]:
        return (False, None)


def check_hook() -> None:
    """Raise `HookMissingError` unless aiortc still has what the hook uses."""
    handler = getattr(RTCDtlsTransport, "_handle_rtp_data", None)
    rtcp = getattr(RTCDtlsTransport, "_handle_rtcp_data", None)
    names = list(inspect.signature(handler).parameters) if handler else []
    made = inspect.getsource(RTCRtpReceiver.__init__)
    buffer = all(f"self.__{name}" in made for name in ("jitter_buffer", *_STATE_BY_SOURCE))
    transport, peer = inspect.getsource(RTCIceTransport.__init__), inspect.getsource(RTCPeerConnection.__init__)
    guarded = "self._recv = self._connection.recv" in transport and "self.__certificates = [" in peer
    guarded = guarded and hasattr(RTCDtlsTransport, "_validate_peer_identity")
    ice = all(hasattr(Connection, name) for name in ("request_received", "check_incoming", "query_consent"))
    if names != ["self", "data", "arrival_time_ms"] or rtcp is None or not (buffer and guarded and ice):
        raise HookMissingError(
            "This version of aiortc passes RTP on differently, so voices cannot be received.",
            "Install the tested version with `make setup` (constraints.txt names it).",
        )


class RtpHook:
    """A listener on a receiver's DTLS transport. None of its errors ends the connection."""

    def __init__(  # the source and the callbacks
        self,
        receiver: RTCRtpReceiver,
        formats: Mapping[int, Format],
        gate: DatagramGate,
        *,
        on_rtp: OnRtp,
        on_fault: OnFault,
    ) -> None:
        self.heard_ns = 0
        """When RTP or RTCP last arrived, 0 if never."""
        self.rtp_ns = 0
        """When RTP last arrived, 0 if never."""
        self._on_rtp, self._on_fault, self._gate, self._formats = on_rtp, on_fault, gate, formats
        self._receiver_state = vars(receiver)
        transport = receiver.transport
        self._routes = transport._rtp_router.ssrc_table  # noqa: SLF001
        self._sources: dict[int, None] = {}
        self._rtp, self._rtcp = transport._handle_rtp_data, transport._handle_rtcp_data  # noqa: SLF001
        transport._handle_rtp_data = self._on_rtp_data  # type: ignore[method-assign]  # noqa: SLF001
        transport._handle_rtcp_data = self._on_rtcp_data  # type: ignore[method-assign]  # noqa: SLF001

    async def _on_rtp_data(self, data: bytes, arrival_time_ms: int) -> None:
        self.heard_ns = self.rtp_ns = time.monotonic_ns()
        self._gate.record_authenticated(source_of(data), self.heard_ns / 1e9)
        try:
            packet = parse_rtp(data)
            self._on_rtp(packet, self.heard_ns)
        except ValueError as error:
            self._on_fault(f"RTP: {error}")
            return
        except Exception as error:  # noqa: BLE001  # an exception here would close the connection
            self._on_fault(f"{type(error).__name__} at an RTP packet: {error}")
        try:
            self._limit_sources(packet.ssrc)
            await self._rtp(self._as_opus(packet.payload_type, data), arrival_time_ms=arrival_time_ms)
        except Exception as error:  # noqa: BLE001  # the same
            self._on_fault(f"aiortc met {type(error).__name__} at an RTP packet")

    async def _on_rtcp_data(self, data: bytes) -> None:
        self.heard_ns = time.monotonic_ns()
        self._gate.record_authenticated(source_of(data), self.heard_ns / 1e9)
        try:
            await self._rtcp(data)
        except Exception as error:  # noqa: BLE001  # the same
            self._on_fault(f"aiortc met {type(error).__name__} at an RTCP packet")

    def _limit_sources(self, ssrc: int) -> None:
        """Keep only the latest sources in aiortc."""
        if ssrc in self._sources:
            return
        self._sources[ssrc] = None
        if len(self._sources) > SOURCES:
            oldest = next(iter(self._sources))
            del self._sources[oldest]
            self._routes.pop(oldest, None)
            for name in _STATE_BY_SOURCE:
                self._receiver_state[f"{_PRIVATE}{name}"].pop(oldest, None)

    def _as_opus(self, payload_type: int, data: bytes) -> bytes:
        """Return a packet of RED or comfort noise with Opus' payload type, others unchanged."""
        if self._formats.get(payload_type) not in ("red", "cn"):
            return data
        opus = next((number for number, kind in self._formats.items() if kind == "opus"), payload_type)
        return data[:1] + bytes([data[1] & 0x80 | opus]) + data[2:]


def disable_jitter_buffer(receiver: Any) -> None:
    """Keep aiortc from buffering and decoding, which this process does itself."""
    setattr(receiver, f"{_PRIVATE}jitter_buffer", _NoBuffer())
