"""The audio plane: frames from one process to any number of subscribers, without blocking."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import zmq

from common.bus.sockets import Site, bind, site_of, tune
from common.errors import BadMessageError
from common.messages import AudioFrame, wire

MEDIA_PLANE = "audio-media"
"""Name of the audio plane that carries the talkers."""


class AudioPublisher:
    """The sender of audio frames. It never blocks. A slow subscriber loses frames without affecting the others."""

    def __init__(self, run: Path, name: str = MEDIA_PLANE) -> None:
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.PUB)
        tune(self._socket, high_water=1000)
        self._socket.setsockopt(zmq.LINGER, 0)
        bind(self._socket, run, name)

    def send(self, frame: AudioFrame, samples: bytes | memoryview = b"") -> None:
        """Publish one frame. `samples` is `FRAME_SAMPLES` mono s16 little-endian, or empty for silence."""
        self._socket.send_multipart(wire.encode_audio(frame, samples), zmq.NOBLOCK)

    def close(self) -> None:
        self._socket.close(linger=0)
        self._context.term()


class AudioSubscriber:
    """The receiver of audio frames in audio, recorder and tap. For use in one thread, without asyncio."""

    def __init__(self, place: Path | Site, name: str = MEDIA_PLANE, peer: str = "") -> None:
        """Subscribe to one talker (`peer`), or to all."""
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.SUB)
        tune(self._socket, high_water=4000)
        self._socket.subscribe(f"pcm/{peer}")
        site_of(place).connect(self._socket, name)
        self.bad = 0

    def receive(self, wait_ms: int) -> Iterator[tuple[AudioFrame, bytes]]:
        """Wait at most `wait_ms` for a frame, then yield all available: (header, samples or b"")."""
        if not self._socket.poll(wait_ms):
            return
        with contextlib.suppress(zmq.Again):
            while True:
                frames = self._socket.recv_multipart(zmq.NOBLOCK)
                try:
                    yield wire.decode_audio(frames)
                except BadMessageError:
                    self.bad += 1

    def close(self) -> None:
        self._socket.close(linger=0)
        self._context.term()
