from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from common.messages import SAMPLE_RATE
from workers.audio.sinks.device_callback import STEADY_S, DeviceCallback

BLOCK = 480
LATENCY_S = 0.02
TIMES = SimpleNamespace(outputBufferDacTime=1.0 + LATENCY_S, currentTime=1.0)
QUIET = SimpleNamespace(output_underflow=False)


class AbortError(Exception):
    """As PortAudio's own."""


def called(callback: DeviceCallback, channels: int = 2, times: int = 1) -> NDArray[np.float32]:
    out = np.full((BLOCK, channels), 9, np.float32)
    for _ in range(times):
        callback.run(out, BLOCK, TIMES, QUIET)
    return out


def rows(block: NDArray[np.float32], _now_ns: int) -> None:
    """Fill row n with n + 1, and the sides as of a voice on the left."""
    block[:] = np.arange(1, len(block) + 1, dtype=np.float32)[:, np.newaxis]
    block[-2:] = [[0.5], [-0.5]]


def test_the_mix_is_on_the_first_two_channels_and_each_row_on_its_place() -> None:
    callback = DeviceCallback(4)
    callback.prepare((3, 0, 2), AbortError)
    callback.play(rows)
    assert called(callback, 5)[0].tolist() == [1.5, 0.5, 4, 2, 0]


def test_a_device_with_one_channel_gets_the_mix_without_what_panning_takes_away() -> None:
    callback = DeviceCallback(1)
    callback.play(rows)
    assert called(callback, 1)[0].tolist() == [1]


def test_nothing_is_played_before_play_and_after_park() -> None:
    callback = DeviceCallback(1)
    assert not called(callback).any()
    callback.play(rows)
    assert called(callback).all()
    callback.park()
    assert not called(callback).any()


def test_it_is_steady_after_its_buffer_and_a_while_were_taken_since_the_park() -> None:
    callback = DeviceCallback(1)
    called(callback, times=100)
    callback.park()
    needed = round((STEADY_S + 2 * callback.latency_s) * SAMPLE_RATE / BLOCK)
    called(callback, times=needed - 1)
    assert not callback.is_steady
    called(callback, times=2)
    assert callback.is_steady


def test_an_error_ends_the_stream_and_is_kept() -> None:
    def fails(_block: NDArray[np.float32], _now_ns: int) -> None:
        raise ZeroDivisionError

    callback = DeviceCallback(1)
    callback.prepare((), AbortError)
    callback.play(fails)
    with pytest.raises(AbortError):
        called(callback)
    assert isinstance(callback.fault, ZeroDivisionError)
    assert callback.taken == 0
