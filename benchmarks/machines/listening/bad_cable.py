"""A cable to another machine that can be made bad: two TUN devices, and a thread that carries each packet.

TCP and UDP go through it alike. It loses packets, holds them for times that vary (in order, as a queue does), stalls,
or carries nothing. Its own delay is 0.1 to 0.5 ms.
"""

from __future__ import annotations

import contextlib
import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

SPACE = "partyline-sound"
WITHIN = ("ip", "netns", "exec", SPACE)

HERE, THERE = "10.77.4.1", "10.77.4.2"
NAMES = ("partyline2", "partyline3")
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_MTU = 2048


@dataclass(frozen=True)
class Weather:
    """How the cable is, both ways."""

    loss: float = 0.0
    jitter_ms: float = 0.0
    """Each packet is held for 0 to this time."""


class BadCable:
    """Carries packets between two open TUN devices until `close`."""

    def __init__(self, ends: tuple[int, int], seed: int = 1) -> None:
        self._ends = ends
        self._random = random.Random(seed)  # a network
        self._weather = Weather()
        self._until = (0.0, True)
        """Until when nothing passes, and whether it is lost or kept."""
        self._waiting: list[tuple[float, int, int, bytes]] = []
        self._last = [0.0, 0.0]
        self._count = 0
        self._ending = False
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def set_weather(self, weather: Weather) -> None:
        self._weather = weather

    def outage(self, seconds: float) -> None:
        """Lose all for a time."""
        self._until = (time.monotonic() + seconds, True)

    def stall(self, seconds: float) -> None:
        """Hold all for a time, then let it through at once."""
        self._until = (time.monotonic() + seconds, False)

    def close(self) -> None:
        self._ending = True
        self._thread.join()

    def _carry(self) -> None:
        while not self._ending:
            wait = self._waiting[0][0] - time.monotonic() if self._waiting else 0.05
            ready, _, _ = select.select(self._ends, (), (), min(0.05, max(0.0, wait)))
            for end in ready:
                self._take(self._ends.index(end), os.read(end, _MTU))
            now = time.monotonic()
            while self._waiting and self._waiting[0][0] <= now:
                _, _, to, packet = heapq.heappop(self._waiting)
                with contextlib.suppress(OSError):
                    os.write(self._ends[to], packet)

    def _take(self, came_from: int, packet: bytes) -> None:
        now, weather, (until, is_lost) = time.monotonic(), self._weather, self._until
        if self._random.random() < weather.loss or (now < until and is_lost):
            return
        due = now + self._random.uniform(0.0, weather.jitter_ms) / 1000
        due = max(due, self._last[came_from], until)
        self._last[came_from] = due
        self._count += 1
        heapq.heappush(self._waiting, (due, self._count, 1 - came_from, packet))


@contextlib.contextmanager
def bad_cable() -> Iterator[BadCable]:
    """Yield the cable from this machine (`HERE`) to another one (`THERE`)."""
    subprocess.run(("ip", "netns", "add", SPACE), check=True)
    ends = []
    try:
        for name in NAMES:
            end = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(end, _TUNSETIFF, struct.pack("16sH", name.encode(), _IFF_TUN | _IFF_NO_PI))
            ends.append(end)
        for words in (
            ("ip", "link", "set", NAMES[1], "netns", SPACE),
            ("ip", "addr", "add", HERE, "peer", THERE, "dev", NAMES[0]),
            ("ip", "link", "set", NAMES[0], "up"),
            (*WITHIN, "ip", "addr", "add", THERE, "peer", HERE, "dev", NAMES[1]),
            (*WITHIN, "ip", "link", "set", NAMES[1], "up"),
            (*WITHIN, "ip", "link", "set", "lo", "up"),
        ):
            subprocess.run(words, check=True)
        cable = BadCable((ends[0], ends[1]))
        try:
            yield cable
        finally:
            cable.close()
    finally:
        for end in ends:
            os.close(end)
        subprocess.run(("ip", "netns", "del", SPACE), check=False)
