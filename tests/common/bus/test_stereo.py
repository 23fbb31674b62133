from __future__ import annotations

import pytest

from common.bus.stereo import StereoFrames
from common.messages import LEFT, MIX_PEER, RIGHT, AudioFrame

MONO, ONE, OTHER = b"\x01\x02" * 480, b"\x03\x04" * 480, b""


def frame(peer: str, tick: int = 7, boot: str = "b") -> AudioFrame:
    return AudioFrame(peer=peer, boot=boot, tick=tick, tick_ns=0)


def test_a_frame_comes_with_its_two_channels_once() -> None:
    frames = StereoFrames(MIX_PEER)
    assert frames.add(frame(MIX_PEER + LEFT), ONE) is None
    assert frames.add(frame(MIX_PEER + RIGHT), OTHER) is None
    assert frames.add(frame(MIX_PEER), MONO) == (frame(MIX_PEER), MONO, (ONE, OTHER))
    assert frames.add(frame(MIX_PEER, 8), MONO) == (frame(MIX_PEER, 8), MONO, None)


@pytest.mark.parametrize(
    "came",
    [
        [frame(MIX_PEER + LEFT)],
        [frame(MIX_PEER + RIGHT)],
        [frame(MIX_PEER + LEFT, 6), frame(MIX_PEER + RIGHT)],
        [frame(MIX_PEER + LEFT), frame(MIX_PEER + RIGHT, 6)],
        [frame(MIX_PEER + LEFT, boot="a"), frame(MIX_PEER + RIGHT, boot="a")],
        [frame("mixer.PS5"), frame(MIX_PEER + RIGHT)],
    ],
)
def test_channels_that_do_not_belong_together_are_left_out(came: list[AudioFrame]) -> None:
    frames = StereoFrames(MIX_PEER)
    for one in came:
        assert frames.add(one, ONE) is None
    assert frames.add(frame(MIX_PEER), MONO) == (frame(MIX_PEER), MONO, None)


def test_a_talker_whose_key_begins_alike_is_another_one() -> None:
    frames = StereoFrames("12.PS5")
    assert frames.add(frame("12.PS5B"), ONE) is None
    assert frames.add(frame("12.PS5"), MONO) == (frame("12.PS5"), MONO, None)
