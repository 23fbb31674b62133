"""The scheduling class of a thread.

A Mac lets ordinary threads wait longer to save energy: timers are late by up to 1 ms (XNU's timer coalescing), and much
more in the background or in Low Power Mode, where such threads also move to the slow cores. A thread of the highest
class is spared that, without root. A negative nice value (`Worker.niceness`) needs root. Elsewhere there are no such
classes. NOT RUN ON A MAC YET: written from <pthread/qos.h>.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from typing import Any

_USER_INTERACTIVE = 0x21
"""QOS_CLASS_USER_INTERACTIVE of <sys/qos.h>."""
_UTILITY = 0x11
"""QOS_CLASS_UTILITY."""
_UNHURRIED_NICENESS = 10
"""Nice value of an unhurried thread on Linux, where each thread has its own."""


def _library() -> Any:
    """Return the library that has `pthread_set_qos_class_self_np`, or None where there is none."""
    return ctypes.CDLL(None) if sys.platform == "darwin" else None


def set_time_critical() -> bool:
    """Give the calling thread the highest class. Return whether that is possible here."""
    return _set_class(_USER_INTERACTIVE)


def set_unhurried() -> bool:
    """Let the calling thread wait for the others. Return whether that is possible here."""
    if sys.platform != "linux":
        return _set_class(_UTILITY)
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _UNHURRIED_NICENESS)
    except OSError:
        return False
    return True


def _set_class(wanted: int) -> bool:
    library = _library()
    if library is None:
        return False
    try:
        set_class = library.pthread_set_qos_class_self_np
    except AttributeError:
        return False
    set_class.argtypes, set_class.restype = [ctypes.c_uint, ctypes.c_int], ctypes.c_int
    return bool(set_class(wanted, 0) == 0)


def late_remedy() -> str:
    """Return what a person can do about time-critical threads that are late on this kind of machine."""
    if sys.platform == "darwin":
        return (
            "End programs that keep the Mac busy, and turn Low Power Mode off (System Settings → Battery). "
            "A launchd service needs ProcessType Interactive."
        )
    return "End programs that keep this machine busy, or give partyline a faster one."
