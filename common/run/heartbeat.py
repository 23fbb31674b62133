"""The heartbeat of a process, sent once a second."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

from common.basic.clock import boot_s
from common.bus import Bus
from common.messages import Health, WorkerHealth
from common.system import memory

BEAT_S = 1.0
"""Interval of heartbeats. `STALE_S` of `common.messages.health` allows for several late ones."""


class Heartbeat:
    """State, age and resource usage of this process, which began when this was made."""

    def __init__(self, name: str, bus: Bus) -> None:
        self._name = name
        self._bus = bus
        self._state: Health = "starting"
        self._detail = ""
        self._started_at, self._began_s = time.time(), boot_s()
        self._cpu_before_s = time.process_time()
        """The imports' share, without which the share of CPU is right from the first beat on."""

    def set(self, state: Health, detail: str) -> bool:
        """Set what the next beats say. Return whether that is new."""
        changed = (state, detail) != (self._state, self._detail)
        self._state, self._detail = state, detail
        return changed

    def beat(self, facts: Mapping[str, str] | None = None) -> None:
        """Publish a heartbeat. `facts` as in `WorkerHealth`."""
        now = boot_s()
        self._bus.publish(
            WorkerHealth(
                worker=self._name,
                pid=os.getpid(),
                boot=self._bus.boot,
                state=self._state,
                detail=self._detail,
                started_at=self._started_at,
                beat_s=now,
                up_s=now - self._began_s,
                rss_bytes=memory.resident_bytes(),
                cpu_seconds=time.process_time() - self._cpu_before_s,
                facts=dict(facts or {}),
            )
        )
