"""broker: forwards the control plane and keeps the last value of every retained message.

It is the first to run and the last to end, so it is also the one that ends a pipeline whose foreground was killed.
"""

from __future__ import annotations

import asyncio
import os
import signal

from common import foreground
from common.bus import Forwarder
from common.worker import Worker, main


class Broker(Worker):
    name = "broker"
    niceness = 5

    async def run(self) -> None:
        self.spawn(self._end_with_the_foreground(), "foreground")
        forwarder = Forwarder(self.paths.run)
        self.spawn(forwarder.run(), "forwarder")
        self.set_health("running")
        while not self.stopping.is_set():
            await asyncio.sleep(1)
            self.facts = {"forwarded": str(forwarder.forwarded), "malformed": str(forwarder.bad)}
            if forwarder.bad > self.problem_count("broker.bad-message"):
                self.problem(
                    "broker.bad-message",
                    "A process put something on the bus that is no message of this version.",
                    "Restart all workers, so that they are of one version; the broker's log names the sender.",
                    severity="warning",
                )

    async def _end_with_the_foreground(self) -> None:
        """Have supervisord stop everything, session first, when the command that started it in the foreground died."""
        supervisord = os.getppid()
        while "SUPERVISOR_ENABLED" in os.environ:
            await asyncio.sleep(1)
            if foreground.abandoned(self.paths.run, supervisord) and os.getppid() == supervisord:
                self.log.warning("the foreground is gone: stopping the pipeline")
                os.kill(supervisord, signal.SIGTERM)
                return


if __name__ == "__main__":
    main(Broker)
