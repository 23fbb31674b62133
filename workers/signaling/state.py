"""What signaling publishes: `PushState` while the channel is away, and the facts of its heartbeat. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from common.messages import PushState
from workers.signaling.loss import Loss


def push_away(detail: str, loss: Loss | None, next_at: float, *, now: float, boot_unix: float) -> PushState:
    """Return the state of a channel that is not open.

    `next_at` and `now` are in seconds since boot, like the times of `loss`. `boot_unix` is the Unix time of the boot.
    """
    return PushState(
        connected=False,
        detail=detail,
        since=boot_unix + loss.at if loss is not None else 0.0,
        next_try_at=boot_unix + next_at if next_at > now else 0.0,
        counts_as_gone=counts_as_gone(loss, now),
    )


def counts_as_gone(loss: Loss | None, now: float) -> bool:
    """Return whether the server may have dropped us from the party after a loss."""
    return loss is not None and not loss.within_presence(now)


def facts(calls: int, events: int, transports: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return the facts of the heartbeat: calls, push events, and what each transport counts."""
    found = {"calls": str(calls), "push events": str(events)}
    for counts in transports:
        found |= counts
    return found
