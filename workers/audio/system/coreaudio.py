"""The device list and the default output of a Mac, which PortAudio does not report.

Written from Apple's AudioHardware.h (`AudioObjectGetPropertyData` on `kAudioObjectSystemObject`) and compared with
PortAudio's pa_mac_core.c, WebRTC's audio_device_mac.cc and RtAudio. A test drives it with a made-up library.
NOT RUN ON A MAC YET. Properties are polled four times a second, since a listener would call into Python on one of
CoreAudio's threads. Each call may block for seconds, while coreaudiod starts a Bluetooth device or starts itself, so
only the thread of `sound_system` and those that open a device make them.

`time.monotonic` is mach_absolute_time there, which stops during sleep, so nothing is late on waking. Outputs that
come back have new ids, which `fingerprint` shows. A stream that does not continue is left to the watchdog
(`sinks.device`).
After a restart of coreaudiod nothing can be read for a moment, then all ids are new.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
from typing import Any

_SYSTEM_OBJECT = 1
_MAIN_ELEMENT = 0
_UNKNOWN = 0
"""kAudioObjectUnknown"""


def _code(text: str) -> int:
    return int.from_bytes(text.encode("ascii"), "big")


_RUN_LOOP = _code("rnlp")
"""kAudioHardwarePropertyRunLoop"""
_DEVICES = _code("dev#")
"""kAudioHardwarePropertyDevices"""
_DEFAULT_OUTPUT = _code("dOut")
"""kAudioHardwarePropertyDefaultOutputDevice"""
_IS_ALIVE = _code("livn")
"""kAudioDevicePropertyDeviceIsAlive"""
_GLOBAL = _code("glob")
"""kAudioObjectPropertyScopeGlobal"""
_NO_SUCH_OBJECT = _code("!obj")
"""kAudioHardwareBadObjectError"""
_MOST_TRIES = 3
"""The list may grow between the question for its size and the one for its content. Chosen for several devices that come
at once, as those of a dock do."""


class _Address(ctypes.Structure):
    """AudioObjectPropertyAddress."""

    _fields_ = (("selector", ctypes.c_uint32), ("scope", ctypes.c_uint32), ("element", ctypes.c_uint32))


@functools.cache
def _library() -> Any:
    path = ctypes.util.find_library("CoreAudio")
    if path is None:
        return None
    library = ctypes.CDLL(path)
    notify_in_own_thread(library)
    return library


def notify_in_own_thread(library: Any) -> None:
    """Make CoreAudio use its own thread for change notifications.

    Otherwise it waits for the main thread's run loop, which Python does not have, and keeps reporting the first state.
    PortAudio does the same, but only when it is initialised, and not if the mix goes to a file.
    """
    address, run_loop = _Address(_RUN_LOOP, _GLOBAL, _MAIN_ELEMENT), ctypes.c_void_p(None)
    library.AudioObjectSetPropertyData(
        *(ctypes.c_uint32(_SYSTEM_OBJECT), ctypes.byref(address), ctypes.c_uint32(0), None),
        *(ctypes.c_uint32(ctypes.sizeof(run_loop)), ctypes.byref(run_loop)),
    )


def _numbers(selector: int, number: int = _SYSTEM_OBJECT) -> tuple[int, ...]:
    """Return a property of an object that is one UInt32 or several, () if it is not available."""
    for _ in range(_MOST_TRIES):
        status, found = _ask(selector, number)
        if status == 0:
            return found
    return ()


def _ask(selector: int, number: int) -> tuple[int, tuple[int, ...]]:
    """Return CoreAudio's status, and the property if that is 0."""
    library = _library()
    if library is None:
        return -1, ()
    address = _Address(selector, _GLOBAL, _MAIN_ELEMENT)
    size = ctypes.c_uint32(0)
    asked = (ctypes.c_uint32(number), ctypes.byref(address), ctypes.c_uint32(0), None, ctypes.byref(size))
    if status := library.AudioObjectGetPropertyDataSize(*asked):
        return status, ()
    found = (ctypes.c_uint32 * (size.value // 4))()
    if status := library.AudioObjectGetPropertyData(*asked, ctypes.byref(found)):
        return status, ()
    return 0, tuple(found)[: size.value // 4]


def devices() -> tuple[int, ...]:
    """Return the ids of all devices, () if they are not available now."""
    return _numbers(_DEVICES)


def default_output() -> int:
    """Return the id of the default output device, 0 if there is none or it is not available now."""
    return next((number for number in _numbers(_DEFAULT_OUTPUT) if number != _UNKNOWN), 0)


def fingerprint() -> tuple[str, ...]:
    """Return what changes when a device comes or goes, or the default output changes."""
    return (f"devices {devices()}", f"default {default_output()}")


def is_gone(device: int) -> bool:
    """Return whether a device is dead or not in the list. A list that is not available now says nothing of it."""
    return is_dead(device) or device not in (devices() or (device,))


def is_dead(device: int) -> bool:
    """Return whether CoreAudio says that a device went away. An answer that says nothing of it counts as no."""
    status, found = _ask(_IS_ALIVE, device)
    return status & 0xFFFFFFFF == _NO_SUCH_OBJECT or (status == 0 and found == (0,))
