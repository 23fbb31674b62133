"""A queue of one link that TCP flows share with the call: slow start, congestion avoidance, tail drop."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass, field

import numpy as np

from benchmarks.receive.networks.draw.flight import Flight, Random

_SEGMENT = 1500.0
_FIRST_WINDOW = 10.0
"""Segments, RFC 6928."""
_BACK_OFF = 0.7
"""What CUBIC keeps of its window after a loss, RFC 9438."""
_SIZES = 0.8
"""Shape of the lognormal from which sizes of transfers are drawn. No source."""
_WEB_SHARE = 0.4
_SLOW_START_AGAIN = 4.0
"""A window below this cannot show a loss by three duplicates, so the sender waits for a timeout (RFC 5681)."""
_TIMEOUT_MS = 300.0
_CALL, _ACK, _LOSS, _START = range(4)


@dataclass(frozen=True)
class Queue:
    rate_mbps: float
    buffer_ms: float
    rtt_ms: float
    """Of the cross traffic, without the queue."""
    bulk: int
    """Long flows, one after the other or at once."""
    bulk_s: float
    web_every_s: float
    web_kb: float

    def carry(self, flight: Flight, random: Random) -> Flight:
        end_ms = float(flight.at_ms[-1]) + 1000.0
        return _Link(self, self._flows(end_ms, random)).run(flight)

    def _flows(self, end_ms: float, random: Random) -> list[_Flow]:
        """Return the transfers of a run, with their beginning and their size."""
        flows = []
        for _ in range(self.bulk):
            begin = random.uniform(0.0, 0.8) * end_ms
            length_ms = random.uniform(0.5, 1.5) * self.bulk_s * 1000
            share = self.rate_mbps * 125 * length_ms / max(1, self.bulk)
            flows.append(_Flow(begin, share))
        # mean size over mean gap is at most this share of the rate, or flows would pile up without end
        every_ms = max(self.web_every_s * 1000, self.web_kb * 1000 / (self.rate_mbps * 125 * _WEB_SHARE))
        when = random.exponential(every_ms)
        while when < end_ms:
            flows.append(_Flow(when, float(random.lognormal(-(_SIZES**2) / 2, _SIZES)) * self.web_kb * 1000))
            when += random.exponential(every_ms)
        return flows


@dataclass
class _Flow:
    """A TCP sender with a transfer of `left` bytes."""

    begin_ms: float
    left: float
    window: float = _FIRST_WINDOW
    threshold: float = np.inf
    flying: int = 0
    calm_from_ms: float = 0.0
    """Losses before this moment belong to a loss that was answered already."""

    def acknowledged(self) -> None:
        self.flying -= 1
        self.window += 1.0 if self.window < self.threshold else 1.0 / self.window

    def missed(self, now_ms: float, round_ms: float) -> bool:
        """Take a loss. Return whether the sender must wait for a timeout."""
        self.flying -= 1
        self.left += _SEGMENT
        if now_ms < self.calm_from_ms:
            return False
        is_timeout = self.window < _SLOW_START_AGAIN
        self.threshold = max(2.0, self.window * _BACK_OFF)
        self.window = 1.0 if is_timeout else self.threshold
        self.calm_from_ms = now_ms + round_ms
        return is_timeout


@dataclass
class _Link:
    queue: Queue
    flows: list[_Flow]
    free_ms: float = 0.0
    """When the link has sent all that waits."""
    events: list[tuple[float, int, int, int]] = field(default_factory=list)
    order: itertools.count[int] = field(default_factory=itertools.count)

    def run(self, flight: Flight) -> Flight:
        done, gone = flight.at_ms.copy(), flight.lost.copy()
        for packet in np.flatnonzero(~flight.lost):
            self._note(float(flight.at_ms[packet]), _CALL, int(packet))
        for number, flow in enumerate(self.flows):
            self._note(flow.begin_ms, _START, number)
        last = float(flight.at_ms[-1])
        while self.events:
            now, _, what, number = heapq.heappop(self.events)
            if now > last:
                break
            if what == _CALL:
                sent = self._send(now, float(flight.sizes[number]))
                gone[number] |= sent is None
                done[number] = now if sent is None else sent
                continue
            flow = self.flows[number]
            if what == _ACK:
                flow.acknowledged()
            elif what == _LOSS and flow.missed(now, self.queue.rtt_ms + max(0.0, self.free_ms - now)):
                self._note(now + _TIMEOUT_MS, _START, number)
                continue
            self._fill(now, flow, number)
        return Flight(done, flight.sizes, gone)

    def _fill(self, now: float, flow: _Flow, number: int) -> None:
        while flow.left > 0 and flow.flying < flow.window:
            flow.left -= _SEGMENT
            flow.flying += 1
            sent = self._send(now, _SEGMENT)
            if sent is None:
                self._note(max(now, self.free_ms) + self.queue.rtt_ms, _LOSS, number)
            else:
                self._note(sent + self.queue.rtt_ms, _ACK, number)

    def _send(self, now: float, size: float) -> float | None:
        """Return when the packet has left, or None if the queue is full."""
        if max(0.0, self.free_ms - now) > self.queue.buffer_ms:
            return None
        self.free_ms = max(now, self.free_ms) + size / (self.queue.rate_mbps * 125)
        return self.free_ms

    def _note(self, when: float, what: int, number: int) -> None:
        heapq.heappush(self.events, (when, next(self.order), what, number))
