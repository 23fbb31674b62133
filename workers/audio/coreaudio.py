"""What PortAudio does not tell of a Mac's devices: which there are now, and which is the default output.

Written from Apple's documentation of AudioHardware.h (`AudioObjectGetPropertyData` on `kAudioObjectSystemObject`).
NOT RUN ON A MAC YET. Properties are asked for, four times a second; a listener would call back on a thread of
CoreAudio's, into Python.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
from typing import Any

_SYSTEM_OBJECT = 1
_MAIN_ELEMENT = 0


def _code(text: str) -> int:
    return int.from_bytes(text.encode("ascii"), "big")


_DEVICES = _code("dev#")
"""kAudioHardwarePropertyDevices"""
_DEFAULT_OUTPUT = _code("dOut")
"""kAudioHardwarePropertyDefaultOutputDevice"""
_GLOBAL = _code("glob")
"""kAudioObjectPropertyScopeGlobal"""


class _Address(ctypes.Structure):
    """AudioObjectPropertyAddress."""

    _fields_ = (("selector", ctypes.c_uint32), ("scope", ctypes.c_uint32), ("element", ctypes.c_uint32))


@functools.cache
def _library() -> Any:
    path = ctypes.util.find_library("CoreAudio")
    return ctypes.CDLL(path) if path else None


def _numbers(selector: int) -> tuple[int, ...]:
    """Return a property of the system object that is one AudioObjectID or several; nothing where it cannot be had."""
    library = _library()
    if library is None:
        return ()
    address = _Address(selector, _GLOBAL, _MAIN_ELEMENT)
    size = ctypes.c_uint32(0)
    asked = (ctypes.c_uint32(_SYSTEM_OBJECT), ctypes.byref(address), ctypes.c_uint32(0), None, ctypes.byref(size))
    if library.AudioObjectGetPropertyDataSize(*asked):
        return ()
    found = (ctypes.c_uint32 * (size.value // 4))()
    if library.AudioObjectGetPropertyData(*asked, ctypes.byref(found)):
        return ()
    return tuple(found)[: size.value // 4]


def signs() -> tuple[str, ...]:
    """Return what changes when a device comes or goes, or the default output changes."""
    return (f"devices {_numbers(_DEVICES)}", f"default {default_output()}")


def default_output() -> str:
    """Return the id of the default output device; empty where it cannot be told."""
    return " ".join(str(number) for number in _numbers(_DEFAULT_OUTPUT))
