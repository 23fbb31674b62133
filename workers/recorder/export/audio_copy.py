"""Copies of FLAC files that phones, browsers and messengers play, made by libavcodec.

PyAV's wheels have FFmpeg's own AAC encoder, LAME, libopus and x264 on macOS and Linux alike (README of
PyAV-Org/pyav-ffmpeg). With another FFmpeg, whatever is there is used.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from common.errors import PartylineError
from common.messages import SAMPLE_RATE

BLOCK = 4800
"""Samples that are mixed and encoded at a time."""
CopyKind = Literal["m4a", "mp3", "opus", "mp4"]


@dataclass(frozen=True, slots=True)
class _Form:
    muxer: str
    codec: str
    bit_rate: int
    """For one channel of speech. Chosen so that a copy of a copy still sounds clean."""
    options: dict[str, str]


_FORMS: dict[CopyKind, _Form] = {
    "m4a": _Form("ipod", "aac", 128_000, {"movflags": "+faststart"}),
    "mp4": _Form("mp4", "aac", 128_000, {"movflags": "+faststart"}),
    "mp3": _Form("mp3", "libmp3lame", 128_000, {}),
    "opus": _Form("ogg", "libopus", 64_000, {}),
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stretch of a recording with a title, in seconds."""

    start: float
    end: float
    title: str


@dataclass(frozen=True, slots=True)
class CopyOf:
    """What a copy is made of: all `sources` summed."""

    sources: Sequence[Path]
    title: str
    chapters: Sequence[Chapter] = ()
    seconds: float = 0.0


def can_make(kind: CopyKind) -> bool:
    """Return whether this PyAV has what a copy of that kind needs."""
    return _has(_FORMS[kind].codec) and (kind != "mp4" or _has("libx264"))


def _has(codec: str) -> bool:
    import av  # noqa: PLC0415  # see `Encoder`

    try:
        av.codec.Codec(codec, "w")
    except ValueError:
        return False
    return True


def make_copy(of: CopyOf, target: Path, kind: CopyKind) -> int:
    """Make `target` and return its bytes. It is there whole or not at all.

    Raises `PartylineError` if this PyAV cannot make one or a source does not decode, and `OSError` of the disk.
    """
    if not can_make(kind):
        raise PartylineError(
            f"The installed PyAV has no encoder for {kind} files.",
            "Install the packages of constraints.txt: `make setup`.",
            code="recorder.encoder",
        )
    import av  # noqa: PLC0415  # see `Encoder`

    part = target.with_name(f".{target.name}.part")
    try:
        if not _encode(of, part, kind):
            raise _not_made(of, kind, "its files hold no sound")
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.chmod(0o600)
        size = part.stat().st_size
        part.replace(target)
    except av.FFmpegError as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise OSError(error.errno, os.strerror(error.errno), str(target)) from error
        raise _not_made(of, kind, error.strerror or "it cannot be encoded") from error
    finally:
        part.unlink(missing_ok=True)
    return size


def _not_made(of: CopyOf, kind: CopyKind, why: str) -> PartylineError:
    return PartylineError(
        f"No {kind} file could be made of “{of.title}”: {why}.",
        "Check the recording with `partyline record repair`, and the space on its disk.",
        code="recorder.copy",
    )


def _encode(of: CopyOf, part: Path, kind: CopyKind) -> int:
    """Write the copy and return its samples."""
    import av  # noqa: PLC0415  # see `Encoder`

    form = _FORMS[kind]
    with av.open(str(part), "w", format=form.muxer, options=dict(form.options)) as made:
        made.metadata["title"] = of.title
        if of.chapters:
            made.set_chapters(as_chapters(of.chapters))
        video = None
        if kind == "mp4":
            from workers.recorder.export import waveform  # noqa: PLC0415  # loads libavfilter

            video = waveform.add_stream(made, of.seconds)
        sound: Any = made.add_stream(form.codec, rate=SAMPLE_RATE, layout="mono")
        sound.bit_rate = form.bit_rate
        if video is not None:
            video.draw(mixed(of.sources))
        at = 0
        for samples in mixed(of.sources):
            frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="s16", layout="mono")
            frame.sample_rate, frame.time_base, frame.pts = SAMPLE_RATE, Fraction(1, SAMPLE_RATE), at
            at += len(samples)
            made.mux(sound.encode(frame))
        if at:
            made.mux(sound.encode(None))
        return at


def as_chapters(chapters: Sequence[Chapter]) -> Any:
    """Return chapters as PyAV takes them."""
    return [
        {
            "id": number,
            "start": round(chapter.start * 1000),
            "end": round(chapter.end * 1000),
            "time_base": Fraction(1, 1000),
            "metadata": {"title": chapter.title},
        }
        for number, chapter in enumerate(chapters)
    ]


def mixed(sources: Sequence[Path]) -> Iterator[NDArray[np.int16]]:
    """Yield the sum of FLAC files of one length. Raises `av.FFmpegError`."""
    import av  # noqa: PLC0415  # see `Encoder`

    with contextlib.ExitStack() as opened:
        streams = [_blocks(opened.enter_context(av.open(str(source)))) for source in sources]
        if len(streams) == 1:
            yield from streams[0]
            return
        for blocks in zip(*streams, strict=False):  # the end of a torn file ends the copy
            total = np.sum(np.stack([block.astype(np.int32) for block in blocks]), axis=0)
            yield np.clip(total, -32768, 32767).astype(np.int16)


def _blocks(container: Any) -> Iterator[NDArray[np.int16]]:
    """Yield the samples of one file in blocks of one size, the last one shorter."""
    rest = np.zeros(0, np.int16)
    for frame in container.decode(audio=0):
        rest = np.concatenate((rest, frame.to_ndarray()[0].astype(np.int16)))
        while len(rest) >= BLOCK:
            yield rest[:BLOCK]
            rest = rest[BLOCK:]
    if len(rest):
        yield rest
