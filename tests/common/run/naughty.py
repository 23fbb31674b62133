"""Workers that misbehave on purpose: ``python -m tests.common.run.naughty <how>``."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import sys
import time

from common.config.tables import Settings
from common.files import state, unsaved
from common.files.paths import Paths
from common.log import logs
from common.run import runner
from common.run.process import main
from common.run.worker import Worker

HOW = sys.argv[1]


class Naughty(Worker):
    name = "naughty"

    def __init__(self, paths: Paths, settings: Settings) -> None:
        super().__init__(paths, settings)
        if HOW == "cannot-be-made":
            raise RuntimeError("not even made")

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
            runner.HUNG_S = 0.5
            time.sleep(60)
        if HOW == "uses-up-descriptors":
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
            with contextlib.suppress(OSError):
                while True:
                    os.open(os.devnull, os.O_RDONLY)
        if HOW == "cannot-save":
            unsaved.RETRY_S = 0.5
            state.save(self.paths.home / "gone" / "a.json", {}, "which party this is")
        if HOW == "problem":
            for _ in range(3):
                self.publish_problem("naughty.thing", "It broke: npsso=abcdefghijk", "Mend it.")
        await self.stopping.wait()

    async def _fail(self) -> None:
        raise RuntimeError("on purpose")

    async def stop(self) -> None:
        if HOW == "stop-hangs":
            runner.STOP_S = 0.5
            await asyncio.sleep(60)
        if HOW == "stop-blocks":
            time.sleep(60)
        if HOW == "stop-fails":
            raise RuntimeError("on purpose")


if __name__ == "__main__":
    main(Naughty)
