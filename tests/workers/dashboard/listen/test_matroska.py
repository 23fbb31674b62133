"""Endless Matroska, read back by FFmpeg."""

from __future__ import annotations

import io

import av
import numpy as np

from workers.dashboard.listen import matroska


def test_ffmpeg_reads_back_each_sample_and_its_time() -> None:
    sound = np.random.default_rng(1).integers(-32768, 32768, 48_000).astype("<i2")
    times = [20 * number if number < 25 else 20 * number + 300 for number in range(50)]  # a hole in the middle
    file = matroska.head() + b"".join(
        matroska.packet(at_ms, sound[number * 960 : (number + 1) * 960].tobytes()) for number, at_ms in enumerate(times)
    )
    with av.open(io.BytesIO(file)) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.rate, stream.channels) == ("pcm_s16le", 48_000, 1)
        frames = list(container.decode(stream))
    assert [round(frame.time * 1000) for frame in frames] == times
    assert np.array_equal(np.concatenate([frame.to_ndarray().ravel() for frame in frames]), sound)


def test_a_time_of_hours_is_kept() -> None:
    file = matroska.head() + matroska.packet(90_000_000, bytes(1920))
    with av.open(io.BytesIO(file)) as container:
        [frame] = container.decode(audio=0)
    assert frame.time == 90_000.0


def test_two_channels_come_back_apart() -> None:
    pairs = np.random.default_rng(1).integers(-32768, 32768, (960, 2)).astype("<i2")
    with av.open(io.BytesIO(matroska.head(2) + matroska.packet(0, pairs.tobytes()))) as container:
        assert container.streams.audio[0].channels == 2
        [frame] = container.decode(audio=0)
    assert np.array_equal(frame.to_ndarray().reshape(-1, 2), pairs)
