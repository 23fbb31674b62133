from __future__ import annotations

import asyncio

import pytest

from common.errors import PartyError, PartylineError
from common.messages import PushEvent, PushState
from common.requests import EndSignals, SetVoiceChat
from workers.session.events import push_channel
from workers.session.events.push_channel import PushChannel


class Signaling:
    """Signaling, and what hears of the channel."""

    def __init__(self) -> None:
        self.asked: list[SetVoiceChat | EndSignals] = []
        self.refuses = False
        self.resyncs: list[str] = []
        self.reopened = 0

    async def ask(self, request: SetVoiceChat | EndSignals, wait_s: float) -> None:
        assert wait_s > 0
        self.asked.append(request)
        if self.refuses:
            raise PartylineError("signaling is not there")

    def request_resync(self, reason: str) -> None:
        self.resyncs.append(reason)

    def on_channel_reopened(self) -> None:
        self.reopened += 1


def state(*, connected: bool, epoch: str = "a", gone: bool = False) -> PushState:
    return PushState(connected=connected, epoch=epoch, counts_as_gone=gone)


def event(number: int, epoch: str = "a") -> PushEvent:
    return PushEvent(epoch=epoch, number=number, data_type="x", session_id="s")


async def test_a_new_connection_is_a_reopened_channel_and_a_repeated_state_is_none() -> None:
    signaling = Signaling()
    channel = PushChannel(signaling.ask, signaling)
    for epoch in ("a", "a", "b"):
        channel.on_push_state(state(connected=True, epoch=epoch))
    assert (signaling.reopened, channel.open.is_set()) == (2, True)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert signaling.resyncs == ["the push channel was reopened"] * 2
    channel.on_push_state(state(connected=False, epoch="b"))
    assert not channel.open.is_set()


async def test_a_gap_and_a_long_absence_ask_for_a_resync_once() -> None:
    signaling = Signaling()
    channel = PushChannel(signaling.ask, signaling)
    for _ in range(3):
        channel.on_push_state(state(connected=False, gone=True))
    assert len(signaling.resyncs) == 1
    channel.on_push_event(event(1))
    signaling.resyncs.clear()
    channel.on_push_event(event(2))
    assert signaling.resyncs == []
    channel.on_push_event(event(4))
    assert signaling.resyncs == ["the bus lost a push event"]


async def test_a_join_waits_for_the_channel_and_says_when_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    signaling = Signaling()
    channel = PushChannel(signaling.ask, signaling)
    waiting = asyncio.create_task(channel.start_voice_chat())
    await asyncio.sleep(0)
    assert signaling.asked == []
    channel.on_push_state(state(connected=True))
    await waiting
    assert signaling.asked == [SetVoiceChat(active=True)]
    channel.on_push_state(state(connected=False))
    monkeypatch.setattr(push_channel, "OPEN_WAIT_S", 0.01)
    with pytest.raises(PartyError) as missing:
        await channel.start_voice_chat()
    assert missing.value.code == "session.party-no-push"


async def test_a_leave_does_not_fail_with_signaling() -> None:
    signaling = Signaling()
    signaling.refuses = True
    channel = PushChannel(signaling.ask, signaling)
    await channel.end_signals("s")
    await channel.end_voice_chat()
    assert signaling.asked == [EndSignals(session_id="s"), SetVoiceChat(active=False)]
