"""Whether the clipboard of a Mac changed, without reading it. Not run on a Mac yet.

macOS may ask the person before a program reads the clipboard. Its change count needs no permission (NSPasteboard's
`changeCount`).
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import sys
from collections.abc import Callable


def change_counter(platform: str = sys.platform) -> Callable[[], int] | None:
    """Return what counts the clipboard's changes, None where that is not possible."""
    return _counter() if platform == "darwin" else None


@functools.cache
def _counter() -> Callable[[], int] | None:
    try:
        ctypes.CDLL(ctypes.util.find_library("AppKit"))
        objc = ctypes.CDLL(ctypes.util.find_library("objc"))
        objc.objc_getClass.restype = objc.sel_registerName.restype = ctypes.c_void_p
        objc.objc_getClass.argtypes = objc.sel_registerName.argtypes = (ctypes.c_char_p,)
        # objc_msgSend has no prototype of its own: it is called as the method that it calls (arm64 needs that)
        for_object = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)(("objc_msgSend", objc))
        for_number = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)(("objc_msgSend", objc))
        board = for_object(objc.objc_getClass(b"NSPasteboard"), objc.sel_registerName(b"generalPasteboard"))
        changes = objc.sel_registerName(b"changeCount")
    except (OSError, AttributeError, TypeError):
        return None
    return (lambda: int(for_number(board, changes))) if board else None
