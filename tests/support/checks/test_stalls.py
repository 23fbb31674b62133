from __future__ import annotations

import os
import signal
import time

from tests.support.stalls import Stalls
from tests.support.waiting import eventually


def test_a_stall_is_seen_until_it_is_forgotten() -> None:
    stalls = Stalls()
    try:
        os.kill(stalls.pid, signal.SIGSTOP)
        time.sleep(0.1)  # this is the stall
        os.kill(stalls.pid, signal.SIGCONT)
        eventually(stalls.found_ms, "it is seen")
        assert max(stalls.found_ms()) > 10
        stalls.forget()
        eventually(lambda: _quiet(stalls), "it is quiet again")
    finally:
        stalls.close()


def _quiet(stalls: Stalls) -> bool:
    stalls.forget()
    return not stalls.found_ms()
