"""The media worker as a real process, on a real bus, with real WebRTC peers that speak Sony's dialect."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.media.console import Console, party
from tests.media.voice import likeness
from tests.processes import Process

Start = Callable[..., Process]


@pytest.mark.parametrize("console_offers", [True, False])
async def test_a_voice_comes_out_as_it_was_spoken_whoever_offers(
    home: Path, start: Start, *, console_offers: bool
) -> None:
    start("workers.broker", home)
    media = start("workers.media", home)
    console = Console("4000")
    async with party(home) as (rig, heard):
        if console_offers:
            rig.signal(console, "offer", await console.offer())
        rig.add(console)
        await rig.until(lambda: rig.connected(console), "the console is connected")
        await rig.spoken(console)
        peer = console.member.peer
        likeness_, _ = likeness(console.source, heard.samples(peer))
        state = rig.states[peer]
        assert likeness_ >= 0.9
        assert [frame.tick for frame, _, _ in heard.frames[peer]] == list(
            range(heard.frames[peer][0][0].tick, heard.frames[peer][-1][0].tick + 1)
        )
        assert state.lost == 0
        assert state.codec == "opus/16000"
        await rig.until(lambda: console.heard_rtp > 0, "our silence reaches the console")
        assert rig.speaking[peer][:2] == [False, True]
        assert rig.problems == []
        print(state, rig.health)
    assert media.stop() == 0


async def test_ten_percent_loss_is_mended_from_in_band_fec(home: Path, start: Start) -> None:
    start("workers.broker", home)
    start("workers.media", home)
    console = Console("4001", seconds=6, drop=lambda number: number % 10 == 9)
    async with party(home) as (rig, _):
        rig.add(console)
        await rig.until(lambda: rig.connected(console), "the console is connected")
        await rig.spoken(console)
        state = rig.states[console.member.peer]
        assert state.lost >= 10
        assert state.fec_frames > 10
        assert not any(problem.code != "x" for problem in rig.problems)
        print(state)
