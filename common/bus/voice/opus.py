"""libopus by ctypes: the decoder with in-band FEC and concealment, and a reader of packet headers.

PyAV's wheels carry a complete libopus (notes/architecture.md). The system's library is the second choice.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from common.errors import PartylineError
from common.messages import SAMPLE_RATE

Samples = npt.NDArray[np.int16]

MAX_SAMPLES = 5760
"""Longest Opus packet, 120 ms at 48 kHz."""
_PLAIN_STATE = 40_000
_SET_COMPLEXITY = 4010
_DEEP_COMPLEXITY = 5
"""libopus uses its deep concealment from this complexity on, if it has one."""
_FRAMES_PER_CONFIG = (480, 960, 1920, 2880)
_FRAMES_HYBRID = (480, 960)
_FRAMES_CELT = (120, 240, 480, 960)


class OpusMissingError(PartylineError):
    """No libopus on this machine."""

    code = "media.no-opus"


def packet_samples(payload: bytes) -> int:
    """Return the duration of an Opus packet in samples at 48 kHz (RFC 6716 section 3.1), 0 if it is invalid."""
    if not payload:
        return 0
    count = _frame_count(payload)
    samples = count * _frame_samples(payload[0])
    return samples if samples <= MAX_SAMPLES else 0


def has_fec(payload: bytes) -> bool:
    """Return whether a packet carries a copy of its predecessor (SILK's LBRR, RFC 6716 section 4.2.4).

    The VAD flag of each 20 ms and the LBRR flag are the first bits of the first frame, before the range coder's first
    real symbol. Only mono and the mid channel of stereo are read.
    """
    if len(payload) < 2 or payload[0] & 0x80 or payload[0] & 0x3 == 3:
        return False  # CELT only, or several frames with lengths, which nobody sends with 40 ms SILK
    start = 1
    if payload[0] & 0x3 == 2:  # two frames of different length, the first one's length is in front
        start = 2 if payload[1] < 252 else 3
    if len(payload) <= start:
        return False
    silk_frames = max(1, _frame_samples(payload[0]) // 960)
    return bool(payload[start] >> (7 - silk_frames) & 1)


def _frame_samples(toc: int) -> int:
    config = toc >> 3
    if config < 12:
        return _FRAMES_PER_CONFIG[config & 3]
    if config < 16:
        return _FRAMES_HYBRID[config & 1]
    return _FRAMES_CELT[config & 3]


def _frame_count(payload: bytes) -> int:
    code = payload[0] & 0x3
    if code < 3:
        return 1 if code == 0 else 2
    return payload[1] & 0x3F if len(payload) > 1 else 0


class Library:
    """A loaded libopus with its version and origin."""

    def __init__(self, path: str, origin: str) -> None:
        self._lib: Any = ctypes.CDLL(path)
        self._lib.opus_get_version_string.restype = ctypes.c_char_p
        self._lib.opus_decoder_get_size.argtypes = [ctypes.c_int]
        self._lib.opus_decoder_init.argtypes = [ctypes.c_void_p, ctypes.c_int32, ctypes.c_int]
        self._lib.opus_decode.argtypes = [
            ctypes.c_void_p,
            ctypes.c_char_p,
            ctypes.c_int32,
            ctypes.c_void_p,
            ctypes.c_int,
            ctypes.c_int,
        ]
        # with fewer types than arguments ctypes passes the last one as C does for "..." (Apple's arm64)
        self._lib.opus_decoder_ctl.argtypes = [ctypes.c_void_p, ctypes.c_int]
        version = self._lib.opus_get_version_string().decode()
        self.version = f"{version.removeprefix('libopus ')} ({origin})"
        self.features = _features(self._lib)
        """Optional features. ``deep PLC`` is used, ``DRED`` is not (nobody is known to send it)."""

    def decoder(self) -> Decoder:
        return Decoder(self._lib, deep="deep PLC" in self.features)


def _features(lib: Any) -> tuple[str, ...]:
    """Return what this libopus was built with, as far as it shows from outside.

    The network of the deep concealment is in the decoder's state, which has 18 kB without it. Every 1.5 has the DRED
    functions. Without DRED the size of what they would decode is 0, while that of the DRED decoder is not.
    """
    found = []
    if int(lib.opus_decoder_get_size(1)) > _PLAIN_STATE:
        found.append("deep PLC")
    if hasattr(lib, "opus_dred_get_size") and int(lib.opus_dred_get_size()) > 0:
        found.append("DRED")
    return tuple(found)


class Decoder:
    """One mono decoder at 48 kHz. Its state can be saved and restored, to undo a concealment."""

    def __init__(self, lib: Any, *, deep: bool = False) -> None:
        self._lib = lib
        self._deep = deep
        self._size = int(lib.opus_decoder_get_size(1))
        self._state = ctypes.create_string_buffer(self._size)
        self._pcm = np.zeros(MAX_SAMPLES, np.int16)
        self._address = self._pcm.ctypes.data
        self.reset()

    def reset(self) -> None:
        if self._lib.opus_decoder_init(self._state, SAMPLE_RATE, 1) != 0:
            raise OpusMissingError("libopus refuses to make a decoder.", "Reinstall PyAV: `make setup`.")
        if self._deep:
            self._lib.opus_decoder_ctl(self._state, _SET_COMPLEXITY, ctypes.c_int(_DEEP_COMPLEXITY))

    def save(self) -> bytes:
        """Return the state, one flat block that may be copied according to libopus' documentation."""
        return self._state.raw

    def restore(self, state: bytes) -> None:
        ctypes.memmove(self._state, state, self._size)

    def decode(self, payload: bytes) -> Samples | None:
        """Return the packet's samples, None if libopus cannot read it."""
        return self._decode(payload, len(payload), MAX_SAMPLES, 0)

    def recover(self, payload: bytes, samples: int) -> Samples | None:
        """Return the `samples` before `payload`, from the copy that it carries."""
        return self._decode(payload, len(payload), samples, 1)

    def conceal(self, samples: int) -> Samples:
        """Return `samples` (a multiple of 2.5 ms) of concealment."""
        made = self._decode(None, 0, samples, 0)
        return np.zeros(samples, np.int16) if made is None else made

    def _decode(self, payload: bytes | None, length: int, room: int, fec: int) -> Samples | None:
        count = self._lib.opus_decode(self._state, payload, length, self._address, room, fec)
        return None if count < 0 else self._pcm[:count].copy()


def find_library() -> Library:
    """Return PyAV's own libopus, or else the system's. Raises `OpusMissingError`."""
    for bundled in _bundled():
        if library := _load(str(bundled), "PyAV"):
            return library
    for path in (
        ctypes.util.find_library("opus"),
        "/opt/homebrew/lib/libopus.0.dylib",
        "/usr/local/lib/libopus.0.dylib",
    ):
        if path and (library := _load(path, "system")):
            return library
    raise OpusMissingError(
        "libopus was not found, neither in PyAV nor on the system.",
        "Install it: `apt-get install libopus0` or `brew install opus`, then restart media.",
    )


def _load(path: str, origin: str) -> Library | None:
    try:
        return Library(path, origin)
    except (OSError, AttributeError):  # missing, or another library
        return None


def _bundled() -> list[Path]:
    spec = importlib.util.find_spec("av")
    if spec is None or not spec.submodule_search_locations:
        return []
    package = Path(spec.submodule_search_locations[0])
    return sorted((package.parent / "av.libs").glob("libopus*.so*")) + sorted(
        (package / ".dylibs").glob("libopus*.dylib")
    )


def _used() -> dict[str, str]:
    try:
        return {"version": find_library().version}
    except OpusMissingError as error:
        return {"fault": error.message.rstrip(".")}


if __name__ == "__main__":  # `partyline doctor` asks for the library in use, in a process of its own
    sys.stdout.write(json.dumps(_used()))
