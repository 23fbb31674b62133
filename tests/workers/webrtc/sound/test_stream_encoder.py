"""Opus for the listeners."""

from __future__ import annotations

import numpy as np
import pytest
import soxr

from common.messages import FRAME_SAMPLES, SAMPLE_RATE
from simulator.consoles import voices
from workers.webrtc.sound.rtp_timeline import PacketSound
from workers.webrtc.sound.stream_encoder import StreamEncoder

PACKET = 2 * FRAME_SAMPLES


def voiced(channels: int) -> list[PacketSound]:
    """Return the packets of a sentence."""
    sentence = soxr.resample(voices.load(voices.names()[0]).astype(np.float32), voices.RATE, SAMPLE_RATE)
    rows = np.repeat(sentence.astype(np.int16)[:, np.newaxis], channels, axis=1)
    return [PacketSound(at, rows[at : at + PACKET]) for at in range(0, len(rows) - PACKET + 1, PACKET)]


@pytest.mark.parametrize("channels", [1, 2])
def test_each_block_is_one_packet_of_20_ms_with_its_own_time(channels: int) -> None:
    encoder = StreamEncoder(channels)
    blocks = voiced(channels)[:4]
    blocks[2:] = [PacketSound(block.pts + PACKET, block.sound) for block in blocks[2:]]
    made = [packet for block in blocks for packet in encoder.encode(block)]
    assert [packet.pts for packet in made] == [0, PACKET, 3 * PACKET, 4 * PACKET]
    for packet in made:
        toc = bytes(packet)[0]
        assert toc & 0x3 == 0  # one frame
        assert bool(toc & 0x4) == (channels == 2)


def test_packets_of_a_voice_are_of_a_kind_that_carries_the_one_before_them() -> None:
    """In-band FEC is in Opus' SILK and hybrid modes, and not in CELT, which it chooses for much higher bitrates."""
    encoder = StreamEncoder(2)
    made = [packet for block in voiced(2) for packet in encoder.encode(block)]
    celt = [bytes(packet)[0] >> 3 >= 16 for packet in made]
    assert len(made) > 30
    assert sum(celt) < 0.1 * len(made)
