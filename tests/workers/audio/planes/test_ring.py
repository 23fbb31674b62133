from __future__ import annotations

import threading

import numpy as np

from common.messages import FRAME_SAMPLES
from workers.audio.planes.ring import Ring


def frame(value: int) -> np.ndarray:
    return np.full(FRAME_SAMPLES, value, np.float32)


def taken(ring: Ring) -> list[tuple[str, int, int, float]]:
    return [(peer, number, at_ns, float(samples[-1])) for peer, number, at_ns, samples in ring.take(0.0)]


def test_frames_come_out_in_order_as_copies_however_often_the_ring_goes_round() -> None:
    ring, mix = Ring(4), frame(0)
    for number in range(11):
        mix[:] = number
        ring.put("mix" if number % 2 else "record", number, number * 1e7, mix)
        mix[:] = -1
        if number % 2:
            pair = [("record", number - 1), ("mix", number)]
            assert taken(ring) == [(peer, n, n * 10_000_000, float(n)) for peer, n in pair]
    assert ring.lost == 0


def test_what_has_no_room_is_lost_and_counted_and_what_lay_there_stays() -> None:
    ring = Ring(4)
    for number in range(6):
        ring.put("mix", number, 0, frame(number))
    assert [number for _, number, _, _ in taken(ring)] == [0, 1, 2, 3]
    assert ring.lost == 2
    ring.put("mix", 7, 0, frame(7))
    assert [number for _, number, _, _ in taken(ring)] == [7]


def test_a_frame_wakes_who_waits_for_it() -> None:
    ring, found = Ring(4), threading.Event()

    def wait() -> None:
        for _ in ring.take(60.0):
            found.set()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    ring.put("mix", 1, 0, frame(1))
    assert found.wait(30)
    thread.join(30)
