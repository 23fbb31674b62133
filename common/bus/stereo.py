"""The two channels of a mix, put together from the frames of its plane. No I/O, no clock."""

from __future__ import annotations

from typing import NamedTuple

from common.messages import LEFT, RIGHT, AudioFrame


class StereoFrame(NamedTuple):
    """One frame of a mix. `sides` are left and right while somebody is panned. A side is empty for silence."""

    frame: AudioFrame
    samples: bytes
    sides: tuple[bytes, bytes] | None = None


class StereoFrames:
    """Takes the frames that a subscriber of one mix gets, which are those of its two channels too."""

    def __init__(self, peer: str) -> None:
        self._peer = peer
        self._sides: dict[str, tuple[AudioFrame, bytes]] = {}

    def add(self, frame: AudioFrame, samples: bytes) -> StereoFrame | None:
        """Take one frame. Return the mix's frame if it is one, with the channels of the same tick if they came."""
        if frame.peer != self._peer:
            self._sides[frame.peer.removeprefix(self._peer)] = (frame, samples)
            return None
        left, right = self._sides.pop(LEFT, None), self._sides.pop(RIGHT, None)
        self._sides.clear()
        if left is None or right is None:
            return StereoFrame(frame, samples)
        if any((side.boot, side.tick) != (frame.boot, frame.tick) for side, _ in (left, right)):
            return StereoFrame(frame, samples)
        return StereoFrame(frame, samples, (left[1], right[1]))
