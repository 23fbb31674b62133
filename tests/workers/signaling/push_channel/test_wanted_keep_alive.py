from __future__ import annotations

from workers.signaling.push_channel.wanted_keep_alive import GRACE_S, WantedKeepAlive


def test_voice_chat_is_wanted_in_a_party_and_for_a_while_before_one() -> None:
    wanted = WantedKeepAlive()
    assert not wanted.is_voice_chat(0)
    wanted.request(active=True, now=0)
    wanted.on_party(inside=False)  # the party before this one is left
    assert wanted.is_voice_chat(GRACE_S - 1)
    assert not wanted.is_voice_chat(GRACE_S)  # nothing came of it
    wanted.on_party(inside=True)
    assert wanted.is_voice_chat(1e9)
    wanted.request(active=False, now=1e9)
    assert not wanted.is_voice_chat(1e9)


def test_the_while_is_a_minute_from_the_request() -> None:
    wanted = WantedKeepAlive()
    wanted.request(active=True, now=1000.0)
    assert wanted.is_voice_chat(1059.9)
    assert not wanted.is_voice_chat(1060.0)
