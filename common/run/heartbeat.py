"""What each process of ours says of itself once a second."""

from __future__ import annotations

import os
import resource
from pathlib import Path

from common.basic.clock import boot_s
from common.messages import Health, WorkerHealth


def beat(  # noqa: PLR0913, PLR0917  # the fields of a heartbeat
    name: str,
    boot: str,
    state: Health,
    detail: str,
    started_at: float,
    began_s: float,
    facts: dict[str, str] | None = None,
) -> WorkerHealth:
    """Return a heartbeat of this process, which began at `started_at` (Unix seconds), at `began_s` by `boot_s`."""
    now = boot_s()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return WorkerHealth(
        worker=name,
        pid=os.getpid(),
        boot=boot,
        state=state,
        detail=detail,
        started_at=started_at,
        beat_s=now,
        up_s=now - began_s,
        rss_bytes=_rss_bytes(usage),
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        facts=facts or {},
    )


def _rss_bytes(usage: resource.struct_rusage) -> int:
    """Return the resident memory now (Linux), elsewhere the peak, which getrusage tells in bytes on a Mac."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return usage.ru_maxrss  # not run on a Mac yet
    return pages * resource.getpagesize()
