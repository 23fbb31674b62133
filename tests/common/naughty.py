"""Workers that misbehave on purpose: ``python -m tests.common.naughty <how>``."""

from __future__ import annotations

import asyncio
import os
import sys
import time

from common import logs, worker
from common.worker import Worker, main

HOW = sys.argv[1]


class Naughty(Worker):
    name = "naughty"

    async def run(self) -> None:
        self.set_health("running")
        if HOW == "fails":
            raise RuntimeError("on purpose")
        if HOW == "fails-with-a-token":
            logs.remember(token := os.environ["NAUGHTY_TOKEN"])
            raise RuntimeError(f"no use for {token}")
        if HOW == "task-fails":
            self.spawn(self._fail(), "doomed")
        if HOW == "hangs":
            worker.HUNG_S = 0.5
            time.sleep(60)
        if HOW == "problem":
            for _ in range(3):
                self.problem("naughty.thing", "It broke: npsso=abcdefghijk", "Mend it.")
        await self.stopping.wait()

    async def _fail(self) -> None:
        raise RuntimeError("on purpose")

    async def stop(self) -> None:
        if HOW == "stop-hangs":
            worker.STOP_S = 0.5
            await asyncio.sleep(60)
        if HOW == "stop-blocks":
            time.sleep(60)
        if HOW == "stop-fails":
            raise RuntimeError("on purpose")


if __name__ == "__main__":
    main(Naughty)
