"""How much memory this process has in use now.

`getrusage` tells the peak, which hides what was freed and makes every growth look final. NOT RUN ON A MAC YET: its part
is written from <mach/task_info.h>.
"""

from __future__ import annotations

import ctypes
import resource
import sys
from pathlib import Path
from typing import Any

_MACH_TASK_BASIC_INFO = 20


class _TaskBasicInfo(ctypes.Structure):
    """mach_task_basic_info, whose count is in words of 4 bytes."""

    _pack_ = 4
    _fields_ = (
        ("virtual_size", ctypes.c_uint64),
        ("resident_size", ctypes.c_uint64),
        ("resident_size_max", ctypes.c_uint64),
        ("user_time", ctypes.c_int32 * 2),
        ("system_time", ctypes.c_int32 * 2),
        ("policy", ctypes.c_int32),
        ("suspend_count", ctypes.c_int32),
    )


def resident_bytes() -> int:
    """Return the resident memory, or the peak where only that can be told."""
    return (_of_mach() if sys.platform == "darwin" else _of_proc()) or _peak()


def _of_proc() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0


def _library() -> Any:
    return ctypes.CDLL(None)


def _of_mach() -> int:
    """Return what the kernel says, 0 if it does not."""
    info = _TaskBasicInfo()
    count = ctypes.c_uint32(ctypes.sizeof(info) // 4)
    try:
        library = _library()
        this_task = ctypes.c_uint32.in_dll(library, "mach_task_self_")
        status = library.task_info(
            *(this_task, ctypes.c_uint32(_MACH_TASK_BASIC_INFO)), ctypes.byref(info), ctypes.byref(count)
        )
    except (AttributeError, ValueError, OSError):
        return 0
    return 0 if status else int(info.resident_size)


def _peak() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # bytes on a Mac, elsewhere KiB
