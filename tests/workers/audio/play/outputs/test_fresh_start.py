"""A device that began while people spoke."""

from __future__ import annotations

from common.messages import AudioFrame
from tests.workers.audio.rig import babble, frames
from workers.audio.mix.chain import Chain
from workers.audio.mix.talker_frames import TalkerFrame
from workers.audio.play.outputs.player.fresh_start import BEGIN_FRAMES, FreshStart

TICK_NS = 10_000_000


def test_the_delay_that_the_beginning_left_is_cut_once_though_somebody_speaks() -> None:
    chain = Chain(20)
    source = FreshStart(chain)
    sound = frames(babble(4.0))
    tick, depths = 0, []
    for number in range(BEGIN_FRAMES * 2):
        for _ in range(2 if number in range(10, 16) else 1):  # six frames more come in than the device takes
            header = AudioFrame(peer="output", boot="a", tick=tick, tick_ns=tick * TICK_NS, sounding=True)
            chain.inbox.append(TalkerFrame(header, sound[tick], tick * TICK_NS))
            tick += 1
        source.frame(tick * TICK_NS, tick * TICK_NS)
        depths.append(chain.queue.depth)
    assert depths[BEGIN_FRAMES - 2] == 7
    assert set(depths[BEGIN_FRAMES:]) == {1}
    assert chain.queue.talkers["output"].dropped == 6
