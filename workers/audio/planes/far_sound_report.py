"""Whether the voices come from another machine, and how."""

from __future__ import annotations

from common.messages import FarSound
from common.run.worker import Worker
from workers.audio.mix.chain import Chain


class FarSoundReport:
    """Publishes `FarSound` while there is something to say."""

    def __init__(self, worker: Worker, chain: Chain) -> None:
        self._worker = worker
        self._chain = chain
        self._told = True  # an earlier run may have, and may have been killed

    def publish(self) -> None:
        """Publish the state, or clear it. Call it once a second."""
        state = state_of(self._chain)
        if state is not None:
            self._worker.bus.publish(state)
        elif self._told:
            self._worker.bus.clear(FarSound)
        self._told = state is not None


def state_of(chain: Chain) -> FarSound | None:
    """Return what is to be said, None while media is on this machine."""
    jitter = chain.jitter
    if not jitter.is_far:
        return None
    return FarSound(
        delay_ms=round(jitter.delay_ms, 1),
        jitter_ms=round(jitter.recent_ms, 1),
        queue_ms=jitter.extra_ms,
        missing=sum(talker.missing for talker in list(chain.queue.talkers.values())),
    )
