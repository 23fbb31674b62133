"""Messages about the workers' health and problems."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from common.messages.base import Message

Health = Literal["starting", "running", "degraded", "stopping"]
STALE_S = 5.0
"""Age of the last heartbeat from which a worker counts as ended, hung or dead."""


class WorkerHealth(Message, frozen=True, kw_only=True):
    """every worker → broker, session, obs, dashboard, cli, each second and at each change of state."""

    TOPIC: ClassVar[str] = "worker.health"
    RETAINED: ClassVar[bool] = True
    worker: str
    pid: int
    boot: str
    """Random id of this run of the worker. It changes with every restart."""
    state: Health
    detail: str = ""
    """Current activity or lack, in plain words."""
    started_at: float
    """Unix seconds, for display. `up_s` has the exact age."""
    beat_s: float
    """When this heartbeat was sent, in seconds of `common.basic.clock.boot_s`. It is stale after `STALE_S`."""
    up_s: float = 0.0
    """Uptime of the worker at `beat_s`."""
    rss_bytes: int = 0
    cpu_seconds: float = 0.0
    """CPU time (user + system) since `started_at`."""
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
    """Short stable name, e.g. ``audio.no-device``. Each worker has at most one open problem of a code."""
    message: str
    """What happened, one sentence."""
    remedy: str
    """What the user can do about it, one sentence."""
    severity: Literal["note", "warning", "error"] = "error"
    count: int = 1
    """Occurrences since the worker started."""
    reference_id: str = ""
    """Sony's reference id, if the answer has one."""
    at: float
    """Unix seconds of the latest occurrence."""

    def key(self) -> str:
        return f"{self.worker}.{self.code}"
