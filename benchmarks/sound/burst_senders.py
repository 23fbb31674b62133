"""Senders of a burst of noise a second, by a clock that may be off, for `benchmarks.sound.transports`."""

from __future__ import annotations

import contextlib
import functools
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any, cast

import av
import numpy as np
from numpy.typing import NDArray

from common.bus import AudioPublisher
from common.config.pages import page_url
from common.messages import FRAME_SAMPLES, MIX_PEER, MIX_PLANE, AudioFrame
from common.obs.media_source import SETTINGS, STREAM_PATH
from tests.support.processes import free_port
from tests.support.soundserver import RATE
from tests.workers.dashboard.stage import staged

BURST = RATE // 16
PERIOD = RATE
PACKET = RATE // 50


@dataclass(frozen=True)
class Way:
    """A way into OBS: how it is muxed, and what the Media Source is told."""

    scheme: str
    muxer: str
    codec: str
    muxer_options: dict[str, str] = field(default_factory=dict)
    obs: dict[str, Any] = field(default_factory=dict)
    channels: int = 1


_FAST = "probesize=32 analyzeduration=1 fflags=nobuffer"
_MATROSKA = {"live": "1", "cluster_time_limit": "20", "flush_packets": "1"}
_WAV = {"flush_packets": "1"}
_OGG = {"page_duration": "20000", "flush_packets": "1"}
OURS = "ours"
WAYS = {
    OURS: Way("", "", "", obs=dict(SETTINGS)),
    "wav, as OBS starts": Way("http", "wav", "pcm_s16le", _WAV, {"buffering_mb": 2}),
    "wav": Way("http", "wav", "pcm_s16le", _WAV, {"ffmpeg_options": _FAST, "input_format": "wav"}),
    "wav max_size": Way(
        "http", "wav", "pcm_s16le", _WAV, {"ffmpeg_options": f"{_FAST} max_size=1024", "input_format": "wav"}
    ),
    "ogg, as OBS starts": Way("http", "ogg", "libopus", _OGG, {"buffering_mb": 2}),
    "ogg": Way("http", "ogg", "libopus", _OGG, {"ffmpeg_options": _FAST, "input_format": "ogg"}),
    "matroska opus, as OBS starts": Way("http", "matroska", "libopus", _MATROSKA, {"buffering_mb": 2}),
    "matroska opus": Way(
        "http", "matroska", "libopus", _MATROSKA, {"ffmpeg_options": _FAST, "input_format": "matroska"}
    ),
    "matroska pcm": Way(
        "http", "matroska", "pcm_s16le", _MATROSKA, {"ffmpeg_options": _FAST, "input_format": "matroska"}
    ),
    "matroska pcm, as OBS starts": Way("http", "matroska", "pcm_s16le", _MATROSKA, {"buffering_mb": 2}),
    "mpegts over http": Way(
        "http", "mpegts", "libopus", {"flush_packets": "1"}, {"ffmpeg_options": _FAST, "input_format": "mpegts"}
    ),
    "udp": Way("udp", "mpegts", "libopus", {"flush_packets": "1"}, {"ffmpeg_options": _FAST, "input_format": "mpegts"}),
    "udp, as OBS starts": Way("udp", "mpegts", "libopus", {"flush_packets": "1"}, {"buffering_mb": 2}),
}


@functools.cache
def burst(number: int, seed: int) -> NDArray[np.float32]:
    """Return a burst of noise like no other, in the band of speech."""
    noise = np.random.default_rng(seed * 1_000_003 + number).standard_normal(BURST)
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(BURST, 1 / RATE)
    spectrum[(hertz < 300) | (hertz > 6000)] = 0
    sound = np.fft.irfft(spectrum, BURST) * np.hanning(BURST)
    return np.asarray(sound / np.abs(sound).max() * 0.5, np.float32)


def stretch(first: int, count: int, seed: int, offset: int = 0) -> NDArray[np.float32]:
    """Return `count` samples from sample `first` of the signal, whose bursts begin at `offset` in each period."""
    out = np.zeros(count, np.float32)
    for number in range(max(0, (first - offset - BURST) // PERIOD), (first + count) // PERIOD + 1):
        at = number * PERIOD + offset - first
        low, high = max(at, 0), min(at + BURST, count)
        if low < high:
            out[low:high] += burst(number, seed)[low - at : high - at]
    return out


class MuxedSender:
    """Sends the signal to whoever reads. Each reader gets a muxer of its own."""

    def __init__(self, way: Way, ppm: float) -> None:
        self._way, self._ppm = way, ppm
        self.port = free_port()
        self.began_ns = time.monotonic_ns()
        self._ending = threading.Event()
        self.opened = 0
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"{self._way.scheme}://127.0.0.1:{self.port}{'/' if self._way.scheme == 'http' else ''}"

    def due_ns(self, sample: float) -> int:
        """Return when this sample is given out, by the clock that is off."""
        return self.began_ns + round(sample / RATE / (1 + self._ppm / 1e6) * 1e9)

    def _serve(self) -> None:
        if self._way.scheme == "udp":
            while not self._ending.is_set():
                with contextlib.suppress(OSError, av.error.FFmpegError):
                    self._feed(f"{self.url}?pkt_size=1316")
            return
        listening = socket.create_server(("127.0.0.1", self.port))
        listening.settimeout(0.2)
        while not self._ending.is_set():
            with contextlib.suppress(TimeoutError):
                accepted, _ = listening.accept()
                thread = threading.Thread(target=self._answer, args=(accepted,), daemon=True)
                thread.start()
                self._threads.append(thread)

    def _answer(self, accepted: socket.socket) -> None:
        accepted.settimeout(None)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        accepted.recv(65536)
        accepted.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nConnection: close\r\n\r\n")
        with contextlib.suppress(OSError, av.error.FFmpegError):
            self._feed(_Pipe(accepted))

    def _feed(self, to: Any) -> None:
        way = self._way
        self.opened += 1
        with av.open(to, "w", format=way.muxer, options=way.muxer_options) as out:
            layout = "mono" if way.channels == 1 else "stereo"
            stream = cast("av.AudioStream", out.add_stream(way.codec, rate=RATE, layout=layout))
            if way.codec == "libopus":
                stream.codec_context.options = {"frame_duration": "20", "application": "lowdelay"}
                stream.codec_context.bit_rate = 64_000
            first = round((time.monotonic_ns() - self.began_ns) / 1e9 * RATE) // PACKET
            out.start_encoding()
            number = first
            while not self._ending.is_set():
                wait = (self.due_ns((number + 1) * PACKET) - time.monotonic_ns()) / 1e9
                if wait > 0:
                    time.sleep(wait)
                sound = stretch(number * PACKET, PACKET, seed=1)
                samples = np.asarray(np.rint(sound * 32767), np.int16).reshape(1, -1)
                frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
                frame.rate, frame.pts = RATE, (number - first) * PACKET
                out.mux(stream.encode(frame))
                number += 1

    def stop(self) -> None:
        self._ending.set()


class DashboardSender:
    """A real dashboard, and a mix that is published at a pace that is off."""

    def __init__(self, ppm: float) -> None:
        self._ppm = ppm
        self._stack = contextlib.ExitStack()
        self._stage = self._stack.enter_context(staged())
        self.url = page_url(self._stage.settings, STREAM_PATH.strip("/"), self._stage.keys.read)
        self.opened = 1
        self.began_ns = time.monotonic_ns()
        self._boot = 0
        self._ending = threading.Event()
        self._paused = threading.Event()
        self._thread = threading.Thread(target=self._play, daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        return self._stage.dashboard.popen.pid

    def due_ns(self, sample: float) -> int:
        return self.began_ns + round(sample / RATE / (1 + self._ppm / 1e6) * 1e9)

    def _play(self) -> None:
        publisher = AudioPublisher(self._stage.paths.run, MIX_PLANE)
        tick = 0
        while not self._ending.is_set():
            tick += 1
            due_ns = self.due_ns((tick + 1) * FRAME_SAMPLES)
            time.sleep(max(0.0, (due_ns - time.monotonic_ns()) / 1e9))
            if self._paused.is_set():
                continue
            samples = np.asarray(np.rint(stretch(tick * FRAME_SAMPLES, FRAME_SAMPLES, seed=1) * 32767), "<i2")
            frame = AudioFrame(peer=MIX_PEER, boot=f"b{self._boot}", tick=tick, tick_ns=due_ns)
            publisher.send(frame, samples.tobytes() if samples.any() else b"")
        publisher.close()

    def restart_dashboard(self) -> None:
        self._stage.dashboard.kill()
        self._stage.start_dashboard()

    def restart_mix(self) -> None:
        """Be as silent as audio is while it is started anew."""
        self._paused.set()
        time.sleep(1.5)
        self._boot += 1
        self._paused.clear()

    def stop(self) -> None:
        self._ending.set()
        self._thread.join(2)
        self._stack.close()


class _Pipe:
    """A socket as PyAV writes to it."""

    def __init__(self, to: socket.socket) -> None:
        self._to = to

    def write(self, data: bytes) -> int:
        self._to.sendall(data)
        return len(data)
