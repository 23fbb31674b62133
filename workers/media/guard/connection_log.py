"""The events of one connection, recorded as they happen. `diagnosis` gets them from `ConnectionLog.facts`."""

from __future__ import annotations

import ipaddress
import time
from collections import Counter
from typing import Any

from aiortc.rtcdtlstransport import RTCDtlsTransport

from workers.media.guard.datagrams import DatagramGate
from workers.media.guard.diagnosis import ConnectionFacts
from workers.media.guard.dtls import DtlsWatch
from workers.media.guard.handshake import Handshake
from workers.media.guard.lan_sends import LanSends

_MOST = 40
"""The most candidates, or pairs, to report."""


class ConnectionLog:
    """The record of one connection, from its creation. Call `watch` when its transport is known."""

    def __init__(self) -> None:
        self.handshake = Handshake()
        self._ours = False
        self.gate = DatagramGate()
        """The transport's gate, once there is one."""
        self._lan = LanSends()
        self._made = time.monotonic()
        self._seconds: dict[str, float] = {}
        self._local: tuple[str, ...] = ()
        self._dtls: Any = None
        self._watch: DtlsWatch | None = None

    @property
    def described(self) -> bool:
        """Whether the peer's description came. No connection is tried before that."""
        return "described" in self._seconds

    def stuck_s(self, now: float) -> float:
        """Return for how many seconds ICE has been up without any DTLS. `now` is monotonic."""
        if "ice up" not in self._seconds or "dtls up" in self._seconds:
            return 0.0
        came_at = self._watch.came_at if self._watch is not None else 0.0
        return now - max(self._made + self._seconds["ice up"], came_at)

    def record_offer(self) -> None:
        """Record that the connection is made by the local offer."""
        self._ours = True

    def watch(self, transport: RTCDtlsTransport, former: RTCDtlsTransport | None = None) -> None:
        """Watch a transport. After an ICE restart it may continue the association of `former`."""
        ice: Any = transport.transport
        self._dtls = transport
        self._watch = DtlsWatch(transport, self.handshake, former)
        self.gate = getattr(ice._connection, "gate", self.gate)  # noqa: SLF001
        self._lan = getattr(ice._connection, "lan", self._lan)  # noqa: SLF001
        self._record_phase("described")
        ice.on("statechange", self._ice_changed)
        transport.on("statechange", self._dtls_changed)
        self._ice_changed()  # ICE may have begun already

    def on_info(self, connection: object, where: int, value: int) -> None:
        """Handle OpenSSL's info callback. Those of a data channel's own transport are ignored."""
        if self._dtls is None or connection is self._dtls._ssl:  # noqa: SLF001
            self.handshake.on_info(where, value)

    def on_certificate(self, connection: object, certificate: str) -> None:
        """Record the kind of the peer's certificate."""
        if self._dtls is None or connection is self._dtls._ssl:  # noqa: SLF001
            self.handshake.certificate = certificate

    def close(self) -> None:
        if self._watch is not None:
            self._watch.close()

    def facts(self) -> ConnectionFacts:
        """Return the facts so far."""
        seconds = {**self._seconds, "ended": time.monotonic() - self._made}
        if self._dtls is None or self._watch is None:
            return ConnectionFacts(ours=self._ours, seconds=seconds, handshake=self.handshake)
        self._watch.update()
        connection = self._dtls.transport._connection  # noqa: SLF001
        return ConnectionFacts(
            ours=self._ours,
            seconds=seconds,
            local=self._local,
            remote=_counted(connection._remote_candidates),  # noqa: SLF001
            pairs=tuple(map(_pair, connection._check_list[:_MOST])),  # noqa: SLF001
            lite=connection.remote_is_lite,
            lan_refused_by=self._lan.refused_by,
            checks=self.gate.checks,
            replies=self.gate.replies,
            dropped={str(reason): number for reason, number in self.gate.dropped.items()},
            fault=self.gate.last_fault,
            handshake=self.handshake,
        )

    def _ice_changed(self) -> None:
        ice = self._dtls.transport
        if ice.state == "checking":
            self._record_phase("ice")
            self._local = _counted(ice._connection.local_candidates)  # noqa: SLF001  # closing clears them
        elif ice.state == "completed":
            self._record_phase("ice up")

    def _dtls_changed(self) -> None:
        if self._dtls.state == "connecting":
            self._record_phase("dtls")
        elif self._dtls.state == "connected":
            self._record_phase("dtls up")
        if self._watch is not None:
            self._watch.update()

    def _record_phase(self, phase: str) -> None:
        self._seconds.setdefault(phase, time.monotonic() - self._made)


def _counted(candidates: list[Any]) -> tuple[str, ...]:
    """Return e.g. ``2 x host IPv4``, for each kind of candidate."""
    kinds = Counter(_kind(candidate) for candidate in candidates[:_MOST])
    return tuple(f"{number} x {kind}" for kind, number in kinds.items())


def _kind(candidate: Any) -> str:
    if candidate.host.endswith(".local"):
        return f"{candidate.type} .local"
    try:
        address = ipaddress.ip_address(candidate.host.partition("%")[0])
    except ValueError:
        return f"{candidate.type} (a name)"
    scope = " loopback" if address.is_loopback else " private" if address.is_private else ""
    return f"{candidate.type} IPv{address.version}{scope}{'' if candidate.transport == 'udp' else ' TCP'}"


def _pair(pair: Any) -> str:
    chosen = ", chosen" if pair.nominated else ""
    outcome = pair.state.name.lower().replace("_", " ")
    return f"{_kind(pair.local_candidate)} to {_kind(pair.remote_candidate)}: {outcome}{chosen}"
