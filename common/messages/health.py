"""The workers themselves: how they are, and what went wrong."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from common.messages.base import Message

Health = Literal["starting", "running", "degraded", "stopping"]
STALE_S = 5.0
"""A worker whose last heartbeat is older than that has ended, hangs, or is dead."""


class WorkerHealth(Message, frozen=True, kw_only=True):
    """every worker → broker, session, dashboard, cli, each second and at each change of state."""

    TOPIC: ClassVar[str] = "worker.health"
    RETAINED: ClassVar[bool] = True
    worker: str
    pid: int
    boot: str
    """Random id of this run of the worker: another boot means that it was restarted."""
    state: Health
    detail: str = ""
    """What it is doing or lacking, in plain words."""
    started_at: float
    """Unix seconds, for people to read: how long ago that is, `up_s` knows."""
    beat_s: float
    """When this heartbeat was sent, in seconds of `common.basic.clock.boot_s`; `STALE_S` says how old it may be."""
    up_s: float = 0.0
    """For how long the worker had run by then."""
    rss_bytes: int = 0
    cpu_seconds: float = 0.0
    """CPU time (user + system) used since the start of the process."""
    facts: dict[str, str] = msgspec.field(default_factory=dict)
    """Versions and choices worth knowing, e.g. ``{"libopus": "1.6.1 (PyAV)"}``."""

    def key(self) -> str:
        return self.worker


class Problem(Message, frozen=True, kw_only=True):
    """every worker → dashboard, cli, when something went wrong; cleared by its worker when it is over."""

    TOPIC: ClassVar[str] = "problem"
    RETAINED: ClassVar[bool] = True
    worker: str
    code: str
    """Short stable name, e.g. ``audio.no-device``; one open problem for each worker and code."""
    message: str
    """What happened, one sentence."""
    remedy: str
    """What the user can do about it, one sentence."""
    severity: Literal["note", "warning", "error"] = "error"
    count: int = 1
    """How often it has happened since the worker started."""
    reference_id: str = ""
    """Sony's reference id, where an answer carried one."""
    at: float
    """Unix seconds of the latest occurrence."""

    def key(self) -> str:
        return f"{self.worker}.{self.code}"
