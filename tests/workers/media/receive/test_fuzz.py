"""Any bytes as Opus, RED or comfort noise between good packets: the voice goes on, nothing grows, nothing raises.

`PARTYLINE_FUZZ_EXAMPLES=100000` searches long; what it found is kept in `FOUND`.
"""

from __future__ import annotations

import os
import struct

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from common.messages import FRAME_SAMPLES
from tests.workers.media.receive.playing import COMFORT, MS, RED, new_path, spoken
from tests.workers.media.voice import PAYLOAD_TYPE
from workers.media.receive.buffer.packet_buffer import MAX_PACKETS
from workers.media.receive.buffer.rtp import Rtp

EXAMPLES = int(os.environ.get("PARTYLINE_FUZZ_EXAMPLES", "60"))
FOUND: list[list[tuple[int, int, int, bytes]]] = [
    [(1, 0, RED, b"")],
    [(1, 0, RED, b"\xe0\x00\x00\x00")],  # a header without a primary
    [(1, 0, RED, bytes([0x80 | RED]) + b"\x00\x00\x01" + bytes([RED, 0xE0]))],  # RED inside RED
    [(1, 0, PAYLOAD_TYPE, b"\x53\x00")],  # code 3 with no frames
    [(1, 0, PAYLOAD_TYPE, b"\x53\x30")],  # 48 frames: more than 120 ms
    [(1, 0, PAYLOAD_TYPE, b"\x50")],  # TOC only: DTX
    [(1, 1 << 31, COMFORT, b"\x00" + b"\xff" * 40)],  # the loudest noise, an unstable filter
    [(1, 0, COMFORT, b"\x7f"), (2, 0, COMFORT, b""), (3, 5, PAYLOAD_TYPE, b"\x50")],
    [(32768, 0, PAYLOAD_TYPE, b"\x0a\x01")],  # half way round: neither older nor newer
]
"""(sequence offset, timestamp offset, payload type, payload)"""

red = st.builds(
    lambda blocks, primary: (
        b"".join(
            struct.pack(">I", 1 << 31 | kind << 24 | offset << 10 | len(data) & 0x3FF) for kind, offset, data in blocks
        )
        + bytes([PAYLOAD_TYPE])
        + b"".join(data for _, _, data in blocks)
        + primary
    ),
    st.lists(
        st.tuples(st.sampled_from([PAYLOAD_TYPE, RED, COMFORT, 0]), st.integers(0, 16383), st.binary(max_size=20)),
        max_size=4,
    ),
    st.binary(max_size=30),
)
toc = st.builds(lambda first, rest: bytes([first]) + rest, st.integers(0, 255), st.binary(max_size=40))
hostile = st.tuples(
    st.one_of(st.integers(-5, 30), st.integers(0, 65535)),
    st.one_of(st.integers(-2, 4).map(lambda count: count * 1920), st.integers(0, (1 << 32) - 1)),
    st.sampled_from([PAYLOAD_TYPE, RED, COMFORT, 0]),
    st.one_of(st.binary(max_size=60), red, toc),
)


def survive(strange: list[tuple[int, int, int, bytes]]) -> None:
    _, packets = spoken()
    path, now = new_path(), 1_000 * MS
    for number in range(24):
        timestamp, payload = packets[20 + number][0] % (1 << 32), packets[20 + number][1]
        path.put(Rtp(100 + number, timestamp, 7, PAYLOAD_TYPE, payload), now)
        if number >= 4 and number - 4 < len(strange):
            sequence, offset, kind, data = strange[number - 4]
            odd = Rtp((100 + number + sequence) % 65536, (timestamp + offset) % (1 << 32), 7, kind, data)
            path.put(odd, now + MS)
        for tick in range(4):
            frame = path.pull(now + (2 + 10 * tick) * MS)
            assert frame.samples is None or (frame.samples.dtype == np.int16 and len(frame.samples) == FRAME_SAMPLES)
        assert path.rendering.queue.ready < 5 * 5760
        assert path.buffer.waiting() <= MAX_PACKETS * 5760
        now += 40 * MS
    path.figures()


@given(st.lists(hostile, min_size=1, max_size=20))
@settings(max_examples=EXAMPLES)
@example(FOUND[0])
@example(FOUND[1])
def test_whatever_comes_in_the_voice_goes_on(strange: list[tuple[int, int, int, bytes]]) -> None:
    survive(strange)


def test_what_the_search_once_found_stays_harmless() -> None:
    for strange in FOUND:
        survive(strange)
