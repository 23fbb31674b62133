"""broker: forwards the control plane and keeps the last value of every retained message."""

from __future__ import annotations

import asyncio

from common.bus import Forwarder
from common.worker import Worker, main


class Broker(Worker):
    name = "broker"
    niceness = 5

    async def run(self) -> None:
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


if __name__ == "__main__":
    main(Broker)
