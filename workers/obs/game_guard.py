"""The process that gives the game its volume back if this one and supervisord are killed while it is lowered.

The gain filter stays where it stands: OBS has nothing that ends by itself, but for the compressor with a sidechain,
which is used wherever it works. So another process waits for this one's end (`workers.obs.give_back`).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

DONE = b"done"
"""What the process reads before the end of its input if there is nothing to give back."""
END_S = 2.0


class GameGuard:
    def __init__(self, warn: Callable[..., object]) -> None:
        """`warn` logs a warning."""
        self._warn = warn
        self._process: subprocess.Popen[bytes] | None = None

    def watch(self) -> None:
        """Have a process watch from now on, before the game is lowered."""
        if self._process is not None and self._process.poll() is None:
            return
        try:
            self._process = subprocess.Popen(  # our own module
                [sys.executable, "-P", "-m", "workers.obs.give_back"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={name: value for name, value in os.environ.items() if not name.startswith("SUPERVISOR_")},
                start_new_session=True,  # supervisord ends a worker's group, and this one has to outlive it
            )
        except OSError as error:  # no memory, no processes left: `partyline down` and the next start do it then
            self._warn("nothing watches over the game's volume", error=str(error))

    def release(self) -> None:
        """End the process, since the game has its volume."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            process.communicate(DONE, timeout=END_S)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            process.kill()
            process.wait()
