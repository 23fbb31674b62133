"""The media worker as a real process, on a real bus, with real WebRTC peers that speak Sony's dialect."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from common.messages import Member, SignalRefused
from tests.support.processes import COLD, Process
from tests.workers.media.console import Console, Heard, PartyRig, party
from tests.workers.media.voice import likeness

pytestmark = pytest.mark.realtime

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
        state = rig.states[peer]
        assert likeness(console.source, heard.samples(peer)) >= 0.9
        assert [frame.tick for frame, _, _ in heard.frames[peer]] == list(
            range(heard.frames[peer][0][0].tick, heard.frames[peer][-1][0].tick + 1)
        )
        assert state.lost == 0
        assert state.codec == "opus/16000"
        await rig.until(lambda: console.heard_rtp > 0, "our silence reaches the console")
        assert rig.speaking[peer][:2] == [False, True]
        assert rig.problems == []
    assert media.stop() == 0


@pytest.mark.parametrize("early", [True, False])
async def test_the_bridge_is_a_talker_that_is_no_member_until_it_is_said_to_be_gone(
    home: Path, start: Start, *, early: bool
) -> None:
    start("workers.broker", home)
    start("workers.media", home)
    bridge, console, far = Console("4950"), Console("4960", seconds=1), Console("4970", seconds=1)
    bridge.member = Member(account_id="bridge", platform="BRIDGE")
    peer = bridge.member.peer
    async with party(home) as (rig, heard):
        rig.respond = False  # nobody else is reached
        if not early:
            rig.add(far)
        rig.signal(bridge, "offer", await bridge.offer())
        if early:
            rig.add(far)
        await rig.until(lambda: rig.signals and rig.signals[-1].kind == "answer", "it is answered")
        await bridge.accept(rig.signals[-1].sdp)
        await rig.until(lambda: rig.connected(bridge), "it is connected")
        assert rig.states[peer].online_id == "the bridge"
        await rig.spoken(bridge)
        assert likeness(bridge.source, heard.samples(peer)) >= 0.9
        assert [signal.kind for signal in rig.signals if signal.account_id == "bridge"] == ["answer"]
        assert {rig.states[one].way for one in (peer, far.member.peer)} == {"bridge"}
        rig.respond = True
        del rig.consoles[far.member.peer]
        rig.add(console)
        await rig.until(lambda: rig.connected(console), "the only member is connected")
        await rig.until(lambda: rig.states[peer].way == "none", "the bridge stands by")
        assert rig.states[console.member.peer].way == "own"
        rig.bus.publish(
            SignalRefused(account_id="bridge", platform="BRIDGE", kind="offer", sequence=0, message="ended", final=True)
        )
        await rig.until(lambda: peer not in rig.states, "it is gone")
        assert rig.connected(console)


async def test_a_bridge_beside_a_connection_of_ones_own_is_not_heard(home: Path, start: Start) -> None:
    start("workers.broker", home)
    start("workers.media", home)
    bridge, console = Console("4950"), Console("4960")
    bridge.member = Member(account_id="bridge", platform="BRIDGE")
    async with party(home) as (rig, heard):
        rig.add(console)
        await rig.until(lambda: rig.connected(console), "the member is connected")
        rig.signal(bridge, "offer", await bridge.offer())
        rig.consoles[bridge.member.peer] = bridge
        await rig.until(lambda: rig.connected(bridge), "the bridge is connected")
        await rig.spoken(bridge)
        await rig.spoken(console)
        assert rig.states[bridge.member.peer].packets > 0
        assert not heard.samples(bridge.member.peer).any()
        assert True not in rig.speaking[bridge.member.peer]
        assert likeness(console.source, heard.samples(console.member.peer)) >= 0.9


async def test_a_lost_bridge_is_asked_for_a_new_offer_and_never_wins_a_glare(home: Path, start: Start) -> None:
    start("workers.broker", home)
    start("workers.media", home)
    bridge = Console("4951", seconds=2)
    bridge.member = Member(account_id="bridge", platform="BRIDGE")
    async with party(home) as (rig, _):
        rig.publish_party()
        rig.signal(bridge, "offer", await bridge.offer())
        rig.consoles[bridge.member.peer] = bridge
        await rig.until(lambda: rig.connected(bridge), "it is connected")
        rig.respond = False
        await bridge.close()
        await rig.until(lambda: rig.signals[-1].kind == "offer", "media wishes for a new offer")
        rig.respond = True
        rig.signal(bridge, "offer", await bridge.offer(), sequence=2)
        await rig.until(lambda: rig.signals[-1].kind == "answer" and rig.connected(bridge), "it is connected again")


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
        assert state.concealed_frames < state.fec_frames
        assert rig.problems == []


async def test_three_voices_at_once_are_kept_apart(home: Path, start: Start) -> None:
    start("workers.broker", home)
    start("workers.media", home)
    consoles = [Console(f"{4100 + n}", seconds=3, pitch_hz=90.0 + 60 * n) for n in range(3)]
    async with party(home) as (rig, heard):
        rig.add(*consoles)
        await rig.until(lambda: all(rig.connected(console) for console in consoles), "all are connected")
        for console in consoles:
            await rig.spoken(console)
        for console in consoles:
            assert likeness(console.source, heard.samples(console.member.peer)) >= 0.9


@asynccontextmanager
async def glare(home: Path, start: Start, *, seconds: float = 4) -> AsyncIterator[tuple[PartyRig, Heard, Console]]:
    """Yield a party in which media has offered to a console, and has answered the offer that came from it meanwhile."""
    start("workers.broker", home)
    start("workers.media", home)
    console = Console("4200", seconds=seconds)
    async with party(home) as (rig, heard):
        rig.respond = False
        rig.add(console)
        await rig.until(lambda: rig.signals, "media has offered")
        rig.signal(console, "offer", await console.offer(), sequence=7)
        await rig.until(lambda: len(rig.signals) == 2, "media answers while its own offer is out")
        assert [(signal.kind, signal.sequence) for signal in rig.signals] == [("offer", 1), ("answer", 7)]
        yield rig, heard, console


async def test_in_a_glare_a_console_that_never_yields_is_heard_at_once(home: Path, start: Start) -> None:
    async with glare(home, start) as (rig, heard, console):
        await console.accept(rig.signals[1].sdp)
        await rig.until(lambda: rig.connected(console), "their offer leads to a connection")
        await rig.spoken(console)
        assert likeness(console.source, heard.samples(console.member.peer)) >= 0.9
        assert len(rig.signals) == 2


async def test_in_a_glare_a_console_that_yields_is_heard_at_once(home: Path, start: Start) -> None:
    async with glare(home, start) as (rig, heard, console):
        rig.signal(console, "answer", await console.answer(rig.signals[0].sdp))
        await rig.until(lambda: rig.connected(console), "our offer leads to a connection")
        await rig.spoken(console)
        assert likeness(console.source, heard.samples(console.member.peer)) >= 0.9
        assert len(rig.signals) == 2


async def test_a_console_that_takes_our_offer_late_and_moves_its_connection_stays_connected(
    home: Path, start: Start
) -> None:
    async with glare(home, start) as (rig, _, console):
        await console.accept(rig.signals[1].sdp)
        await rig.until(lambda: rig.connected(console), "their offer leads to a connection")
        rig.signal(console, "answer", await console.answer(rig.signals[0].sdp))  # which ends the one that stood
        await rig.until(lambda: console.track and console.track.sent > 10, "it speaks on the other one")
        await rig.until(lambda: rig.connected(console), "our offer has led to the connection that counts")
        assert len(rig.signals) == 2, "nothing had to be offered again"


async def test_of_two_connections_that_both_speak_one_is_closed_and_the_voice_goes_on(home: Path, start: Start) -> None:
    async with glare(home, start, seconds=8) as (rig, heard, console):
        second = Console("4200", seconds=8)
        await console.accept(rig.signals[1].sdp)
        rig.signal(second, "answer", await second.answer(rig.signals[0].sdp))
        both = (console, second)
        try:
            await rig.until(lambda: all(one.track and one.track.sent > 0 for one in both), "both are up")
            await rig.until(
                lambda: sum(one.connection.connectionState == "closed" for one in both if one.connection) == 1,
                "one of them is closed",
            )
            left = next(one for one in both if one.connection and one.connection.connectionState != "closed")
            await rig.spoken(left)
            frames = heard.frames[console.member.peer]
            assert all(b[0].tick - a[0].tick == 1 for a, b in pairwise(frames))
            assert likeness(console.source, heard.samples(console.member.peer)) >= 0.8
            assert rig.connected(console)
        finally:
            await second.close()


async def test_a_new_offer_takes_over_and_the_old_connection_ends(home: Path, start: Start) -> None:
    start("workers.broker", home)
    start("workers.media", home)
    before = Console("4300", seconds=8)
    async with party(home) as (rig, heard):
        rig.add(before)
        await rig.until(lambda: rig.connected(before), "the first connection is up")
        after = Console("4300", seconds=3)
        rig.signal(after, "offer", await after.offer(), sequence=2)
        rig.consoles[after.member.peer] = after
        await rig.until(lambda: after.track and after.track.sent > 10, "the new connection is up")
        await rig.until(lambda: before.connection and before.connection.connectionState == "closed", "the old one ends")
        await rig.spoken(after)
        frames = heard.frames[after.member.peer]
        assert all(b[0].tick - a[0].tick == 1 for a, b in pairwise(frames))
        assert rig.connected(after)
        await before.close()


@pytest.mark.alone
async def test_killed_media_is_back_within_five_seconds(home: Path, start: Start) -> None:
    start("workers.broker", home)
    media = start("workers.media", home)
    console = Console("4400", seconds=20)
    async with party(home) as (rig, heard):
        rig.joined_s -= 60
        rig.add(console)
        await rig.until(lambda: rig.speaking[console.member.peer][-1:] == [True], "the voice is heard")
        media.kill()
        killed = time.monotonic_ns()
        start("workers.media", home, COLD)
        boot = heard.frames[console.member.peer][-1][0].boot
        await rig.until(
            lambda: any(f.boot != boot and f.sounding for f, _, _ in heard.frames[console.member.peer][-50:]),
            "the voice is heard again",
        )
        assert (time.monotonic_ns() - killed) / 1e9 < 5 - 2  # supervisord's own 2 s are not in here


async def test_what_a_former_run_left_on_the_bus_is_cleared(home: Path, start: Start) -> None:
    start("workers.broker", home)
    media = start("workers.media", home)
    console = Console("4500", seconds=1)
    async with party(home) as (rig, _):
        rig.add(console)
        await rig.until(lambda: rig.connected(console), "the console is connected")
        media.kill()
        del rig.consoles[console.member.peer]
        rig.publish_party()
        start("workers.media", home)
        await rig.until(lambda: not rig.states, "the stale state is cleared")
        await console.close()


async def test_a_restarted_broker_and_session_do_not_disturb_a_connection(home: Path, start: Start) -> None:
    broker = start("workers.broker", home)
    start("workers.media", home)
    console = Console("4600", seconds=6)
    async with party(home) as (rig, heard):
        rig.add(console)
        await rig.until(lambda: console.track and console.track.sent > 25, "the console speaks")
        broker.kill()
        await rig.until(lambda: console.track and console.track.sent > 60, "the console speaks on")
        start("workers.broker", home)
        rig.publish_party()
        await rig.spoken(console)
        frames = heard.frames[console.member.peer]
        assert all(b[0].tick - a[0].tick == 1 for a, b in pairwise(frames))
        assert likeness(console.source, heard.samples(console.member.peer)) >= 0.9
        assert len([signal for signal in rig.signals if signal.kind == "offer"]) == 1


async def test_a_member_who_leaves_and_a_party_that_ends_close_their_connections(home: Path, start: Start) -> None:
    start("workers.broker", home)
    start("workers.media", home)
    one, two = Console("4700"), Console("4701")
    async with party(home) as (rig, _):
        rig.add(one, two)
        await rig.until(lambda: rig.connected(one) and rig.connected(two), "both are connected")
        del rig.consoles[one.member.peer]
        rig.publish_party()
        await rig.until(lambda: one.connection and one.connection.connectionState == "closed", "the leaver's is closed")
        assert rig.connected(two)
        rig.publish_party(phase="none")
        await rig.until(lambda: two.connection and two.connection.connectionState == "closed", "the other one as well")
        await rig.until(lambda: not rig.states, "nothing is left on the bus")
        await one.close()


async def test_nonsense_signals_are_problems_and_the_next_good_one_connects(home: Path, start: Start) -> None:
    start("workers.broker", home)
    start("workers.media", home)
    console = Console("4800", seconds=1)
    async with party(home) as (rig, _):
        rig.respond = False
        rig.add(console)
        await rig.until(lambda: rig.signals, "media has offered")
        rig.signal(console, "answer", "gibberish", rig.signals[-1].sequence)
        await rig.until(lambda: any(p.code == "psn.bad-sdp" for p in rig.problems), "the bad answer is a problem")
        rig.signal(console, "answer", "v=0\r\n", sequence=4711)
        rig.signal(console, "offer", "v=0\r\nm=audio 9 X 0\r\n", sequence=2)
        rig.respond = True
        rig.signal(console, "offer", await console.offer(), sequence=3)
        await rig.until(lambda: rig.connected(console), "the good offer connects")


async def test_a_lost_console_is_offered_anew(home: Path, start: Start) -> None:
    start("workers.broker", home)
    start("workers.media", home)
    console = Console("4900", seconds=2)
    async with party(home) as (rig, _):
        rig.add(console)
        await rig.until(lambda: rig.connected(console), "the console is connected")
        offered = len(rig.signals)
        await console.close()
        await rig.until(lambda: len(rig.signals) > offered, "the loss is noticed, and it is offered to at once")
        assert rig.signals[-1].kind == "offer"
        await rig.until(lambda: rig.connected(console), "it is connected again")
        await rig.spoken(console)


async def test_a_stranger_with_plain_opus_and_neither_red_nor_data_channel_is_heard(home: Path, start: Start) -> None:
    def plain(sdp: str) -> str:
        keep = [line for line in sdp.split("\r\n") if not any(word in line for word in ("red/", "CN/", "a=fmtp:63"))]
        text = "\n".join(keep).replace("opus/16000/2", "opus/48000/2")
        return text.replace("96 63 127 106 105 13 110 113", "96")

    start("workers.broker", home)
    start("workers.media", home)
    console = Console("5900", seconds=2, mangle=plain, data=False)
    async with party(home) as (rig, heard):
        rig.signal(console, "offer", await console.offer())
        rig.add(console)
        await rig.until(lambda: rig.connected(console), "the console is connected")
        await rig.spoken(console)
        assert likeness(console.source, heard.samples(console.member.peer)) >= 0.9
        assert rig.states[console.member.peer].codec == "opus/48000"


async def test_malformed_packets_are_counted_and_the_voice_goes_on(home: Path, start: Start) -> None:
    start("workers.broker", home)
    start("workers.media", home)
    console = Console("4990", seconds=4)
    async with party(home) as (rig, heard):
        rig.add(console)
        await rig.until(lambda: console.track and console.track.sent > 10, "the console speaks")
        await console.send_raw(1, 96, b"\xff", flags=0xA0)  # more padding than packet
        await console.send_raw(2, 96, b"\xff\xff\xff")  # no Opus
        await console.send_raw(3, 63, b"\xe0\x00")  # RED cut short
        await rig.until(lambda: rig.states[console.member.peer].malformed == 3, "they are counted")
        await rig.until(lambda: any(p.code == "media.bad-rtp" for p in rig.problems), "they are a problem")
        await rig.spoken(console)
        assert rig.connected(console)
        assert likeness(console.source, heard.samples(console.member.peer)) >= 0.9
