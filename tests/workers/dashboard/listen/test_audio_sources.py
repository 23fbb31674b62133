"""Sound on its way to a page."""

from __future__ import annotations

import struct

from common.messages import AudioFrame
from workers.dashboard.listen.audio_sources import Batch, Batcher

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
