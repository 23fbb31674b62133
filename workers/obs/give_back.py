"""Gives the game in OBS its volume back after the obs worker was killed: `python -m workers.obs.give_back`.

It waits for the end of its input, which is the worker's end. A worker that supervisord starts again does it itself.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from workers.obs.game_guard import DONE

RESTART_S = 5.0
"""How long supervisord may take to start the worker again: 1 to 2 s on a busy machine."""
TRIES, TRY_S = 12, 5.0
"""OBS is asked for a minute. Later its user has mended that by hand."""
LOOK_S = 0.2


def main() -> None:
    if sys.stdin.buffer.read() != DONE:
        after_a_kill()


def after_a_kill() -> None:
    """Wait for another obs worker, or give the game its volume back."""
    from common.files.paths import Paths  # noqa: PLC0415  # a process that waits is to take little memory

    run = Paths.of_environment().run
    ends = time.monotonic() + RESTART_S
    while time.monotonic() < ends:
        if _is_running(run):
            return
        time.sleep(LOOK_S)
    for number in range(TRIES):
        if number:
            time.sleep(TRY_S)
        if _is_running(run) or _has_given_back():
            return


def _is_running(run: Path) -> bool:
    """Return whether an obs worker runs, which has the game's volume in its care."""
    from common.run.process import running_workers  # noqa: PLC0415

    return "obs" in running_workers(run)


def _has_given_back() -> bool:
    """Return whether OBS was reached."""
    import asyncio  # noqa: PLC0415

    from common.config.settings import load  # noqa: PLC0415
    from common.errors import PartylineError  # noqa: PLC0415
    from common.files.paths import Paths  # noqa: PLC0415
    from common.obs.lowered import give_back  # noqa: PLC0415
    from common.obs.memory import ObsMemoryFile  # noqa: PLC0415

    paths = Paths.of_environment()
    try:
        asyncio.run(give_back(load(paths).obs, ObsMemoryFile(paths.state / "obs.json", must=True)))
    except PartylineError:
        return False
    return True


if __name__ == "__main__":
    main()
