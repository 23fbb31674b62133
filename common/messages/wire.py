"""Encoding of messages as ZeroMQ frames. No sockets.

The control plane has three frames: topic, header (`Header`), body (the message, or nothing to clear a retained one).
The audio plane has three frames: ``pcm/<peer>``, header (`AudioFrame`), samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from common.basic.values import refusal
from common.errors import BadMessageError, BadRequestError
from common.messages import BY_TOPIC, FRAME_SAMPLES, AudioFrame, Message

R = TypeVar("R")

MAX_BYTES = 1 << 20
"""Longest frame that our own sockets accept."""
PCM_BYTES = FRAME_SAMPLES * 2


class Header(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """The metadata of a message."""

    sender: str
    boot: str
    """Random id of the sender's run."""
    seq: int
    """Counts the sender's messages from 1."""
    at: float
    """Unix seconds of publishing."""
    caused_by: str = ""
    """``sender:seq`` of the message, or id of the request, that led to this one."""


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A message as a subscriber receives it. `message` is None if a retained one was cleared."""

    topic: str
    header: Header
    message: Message | None

    @property
    def key(self) -> str:
        return self.topic.partition("/")[2]

    @property
    def cls(self) -> type[Message]:
        return BY_TOPIC[self.topic.partition("/")[0]]


_pack = msgspec.msgpack.Encoder().encode
_unpack_header = msgspec.msgpack.Decoder(Header).decode
_unpack_audio = msgspec.msgpack.Decoder(AudioFrame).decode


def pack(value: object) -> bytes:
    return _pack(value)


def unpack(data: bytes, cls: type[R]) -> R:
    """Return `data` as an instance of `cls`. Raises `BadMessageError`."""
    try:
        return msgspec.msgpack.decode(data, type=cls)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadMessageError(f"no valid {cls.__name__}: {error}") from error


def unpack_request(data: bytes, cls: type[R]) -> R:
    """Return `data` as a request. Raises `BadMessageError`, or `BadRequestError` if a field's value is invalid."""
    try:
        return msgspec.msgpack.decode(data, type=cls)
    except msgspec.ValidationError as error:
        raise BadRequestError(
            f"{cls.__name__} cannot be done: {refusal(error)}.", "Choose a value that it allows."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadMessageError(f"no valid {cls.__name__}: {error}") from error


def encode(message: Message, header: Header) -> list[bytes]:
    return [message.topic().encode(), _pack(header), _pack(message)]


def encode_clear(topic: str, header: Header) -> list[bytes]:
    return [topic.encode(), _pack(header), b""]


def message_class(topic: str) -> type[Message] | None:
    """Return the message class of `topic`, or None."""
    return BY_TOPIC.get(topic.partition("/")[0])


def decode(frames: Sequence[bytes]) -> Received:
    """Return the control-plane message in `frames`. Raises `BadMessageError`."""
    if len(frames) != 3:
        raise BadMessageError(f"{len(frames)} frames where topic, header and body belong")
    try:
        topic = frames[0].decode()
        header = _unpack_header(frames[1])
    except (UnicodeDecodeError, msgspec.DecodeError) as error:
        raise BadMessageError(f"no valid topic and header: {error}") from error
    cls = message_class(topic)
    if cls is None:
        raise BadMessageError(f"unknown topic {topic[:80]!r} from {header.sender[:40]!r}")
    message: Any = unpack(frames[2], cls) if frames[2] else None
    return Received(topic=topic, header=header, message=message)


def encode_audio(frame: AudioFrame, samples: bytes | memoryview) -> list[bytes | memoryview]:
    return [b"pcm/" + frame.peer.encode(), _pack(frame), samples]


def decode_audio(frames: Sequence[bytes]) -> tuple[AudioFrame, bytes]:
    """Return header and samples (`PCM_BYTES`, or none for silence). Raises `BadMessageError`."""
    if len(frames) != 3 or len(frames[2]) not in (0, PCM_BYTES):
        raise BadMessageError("no audio frame: topic, header and a frame of samples (or none) belong together")
    try:
        return _unpack_audio(frames[1]), frames[2]
    except (UnicodeDecodeError, msgspec.DecodeError) as error:
        raise BadMessageError(f"no valid audio header: {error}") from error


def _size(frames: Sequence[bytes]) -> int:
    return sum(map(len, frames))


class RetainedStore:
    """The last retained message of each topic, which the broker sends to new subscribers.

    At most `limit` topics and `limit_bytes` are kept. A tenth of both is reserved for the `URGENT` classes.
    """

    URGENT = frozenset({"Problem", "WorkerHealth"})

    def __init__(self, limit: int = 2000, limit_bytes: int = 16 << 20) -> None:
        self._frames: dict[str, tuple[bytes, ...]] = {}
        self._limit = limit
        self._limit_bytes = limit_bytes
        self.bytes = 0
        """Size of the kept frames, without Python's overhead."""

    def record(self, frames: Sequence[bytes]) -> None:
        """Record a message. Raises `BadMessageError` for one that the broker must not forward."""
        received = decode(frames)
        if not received.cls.RETAINED:
            return
        before = self._frames.get(received.topic, ())
        if received.message is None:
            self._frames.pop(received.topic, None)
            self.bytes -= _size(before)
            return
        share = 1.0 if received.cls.__name__ in self.URGENT else 0.9
        size = self.bytes - _size(before) + _size(frames)
        if size > self._limit_bytes * share and _size(frames) > _size(before):
            raise BadMessageError(f"{self.bytes} bytes of retained topics are kept already; {received.topic!r} is not")
        if not before and len(self._frames) >= self._limit * share:
            raise BadMessageError(f"{len(self._frames)} retained topics are kept already; {received.topic!r} is not")
        self._frames[received.topic] = tuple(frames)
        self.bytes = size

    def matching(self, prefix: str) -> list[tuple[bytes, ...]]:
        return [frames for topic, frames in self._frames.items() if topic.startswith(prefix)]
