"""Sound on its way to a page."""

from __future__ import annotations

import struct

import numpy as np

from common.bus.stereo import StereoFrame
from common.messages import AudioFrame
from workers.dashboard.listen.audio_sources import Batch, Batcher, both_channels

LOUD = b"\x01\x02" * 480


def frame(tick: int, boot: str = "b") -> AudioFrame:
    return AudioFrame(peer="mix", boot=boot, tick=tick, tick_ns=0)


def ticks(batches: list[Batch]) -> list[tuple[int, int]]:
    return [(batch.tick, len(batch.samples)) for batch in batches]


def test_two_frames_that_follow_each_other_make_a_packet() -> None:
    batcher = Batcher()
    assert batcher.add(frame(7), LOUD) == []
    [batch] = batcher.add(frame(8), b"")
    head, body = batch.packet(0.5)[:16], batch.packet(0.5)[16:]
    version, frames, flags, boot, tick, gain = struct.unpack("<BBHIIf", head)
    assert (version, frames, flags, tick, gain) == (1, 2, 0, 7, 0.5)
    assert boot == batch.boot
    assert body == LOUD + bytes(960)


def test_silence_travels_without_samples() -> None:
    batcher = Batcher()
    batcher.add(frame(1), b"")
    [batch] = batcher.add(frame(2), b"")
    assert len(batch.packet(1.0)) == 16
    assert struct.unpack("<BBH", batch.packet(1.0)[:4]) == (1, 2, 1)


def test_a_gap_or_another_boot_begins_a_new_packet() -> None:
    batcher = Batcher()
    batcher.add(frame(1), LOUD)
    assert ticks(batcher.add(frame(3), LOUD)) == [(1, 1)]
    assert ticks(batcher.add(frame(4, boot="c"), LOUD)) == [(3, 1)]
    [last] = batcher.add(frame(5, boot="c"), LOUD)
    assert ticks([last]) == [(4, 2)]


def test_the_tick_of_a_long_party_still_fits() -> None:
    assert Batch(1, 2**33 + 5, (LOUD,)).packet(1.0)[8:12] == (5).to_bytes(4, "little")


def channel(value: int) -> bytes:
    return np.full(480, value, "<i2").tobytes()


def test_a_mix_in_which_somebody_is_panned_travels_as_pairs_and_silence_beside_it_too() -> None:
    wide = both_channels(StereoFrame(frame(1), channel(3), (channel(5), b"")))
    assert wide == np.tile(np.array([5, 0], "<i2"), 480).tobytes()
    packet = Batch(1, 1, (wide, channel(3))).packet(1.0)
    assert struct.unpack("<BBH", packet[:4]) == (1, 2, 2)
    assert packet[16:] == wide + np.tile(np.array([3, 3], "<i2"), 480).tobytes()
    assert Batch(1, 1, (wide, b"")).packet(1.0)[16:] == wide + bytes(1920)


def test_a_mix_without_panning_and_one_that_is_silent_on_both_sides_stay_mono() -> None:
    assert both_channels(StereoFrame(frame(1), LOUD)) == LOUD
    assert both_channels(StereoFrame(frame(1), b"", (b"", b""))) == b""


def test_a_reader_of_one_channel_gets_the_mean_of_two() -> None:
    batch = Batch(1, 1, (both_channels(StereoFrame(frame(1), channel(3), (channel(8), channel(4)))), channel(3), b""))
    assert batch.channels(1)[:, ::480].tolist() == [[6, 3, 0]]
    assert batch.channels(2)[:, ::480].tolist() == [[8, 3, 0], [4, 3, 0]]
