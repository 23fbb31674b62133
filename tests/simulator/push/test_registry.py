"""The registry's judgement of X-PSN-RECONNECTION, with times that are given."""

from __future__ import annotations

import pytest

from simulator.push.registry import IDLE, KINDS, VOICE_CHAT, OpenPushChannel, PushRegistry

KEY, DUID = ("1", "MOBILE_APP"), "d"


def lost_in_voice_chat() -> PushRegistry:
    """Return one whose only channel was lost at 0 in voice chat (30 s). Since then it asked for idle (120 s)."""
    registry = PushRegistry()
    registry.asked(KEY, DUID, KINDS[IDLE])
    channel = OpenPushChannel(
        key=KEY, protocol="3.0", keep_alive=KINDS[IDLE], opened_at=-50.0, send=lambda _: None, close=lambda _: None,
        duid=DUID,
    )  # fmt: skip
    registry.opened(channel, -50.0)
    registry.authorise(channel)
    registry.asked(KEY, DUID, KINDS[VOICE_CHAT])
    registry.closed(channel, 0.0)
    registry.asked(KEY, DUID, KINDS[IDLE])
    return registry


@pytest.mark.parametrize(("said", "at", "wrong"), [
    (True, 10.0, False), (False, 10.0, True),
    (True, 60.0, False), (False, 60.0, False),
    (True, 150.0, True), (False, 150.0, False),
])  # fmt: skip
def test_either_timeout_may_be_meant(said: bool, at: float, wrong: bool) -> None:
    assert bool(lost_in_voice_chat().reconnects_wrongly(KEY, DUID, said=said, now=at)) == wrong


def test_the_server_drops_a_member_by_the_timeout_of_the_channel_that_was_lost() -> None:
    registry = lost_in_voice_chat()
    assert not registry.absent(KEY, 29.0)
    assert registry.absent(KEY, 31.0)
    assert not registry.within_presence(KEY, DUID, 31.0)
