"""What the API says, as the state."""

from __future__ import annotations

from integrations.osc.outgoing.desk_feed import DeskFeed

PARTY = {"phase": "joined", "members": [{"account_id": "1", "platform": "PS5", "online_id": "Bo", "is_me": False}]}


def test_before_anything_is_known() -> None:
    assert not DeskFeed().desk.connected


def test_state_events_levels_and_loss() -> None:
    feed, topics = DeskFeed(), {"party.state/": PARTY}
    feed.on_state(topics)
    assert feed.changed.is_set()
    assert (feed.desk.connected, feed.desk.talkers[0].speaking) == (True, False)
    before = feed.desk
    assert feed.desk is before
    feed.on_event("audio.levels/", {"mix": -6.0, "talkers": {}})
    assert feed.levels["mix"] == -6.0
    assert feed.desk is before
    topics["peer.speaking/1.PS5"] = {"speaking": True}
    feed.on_event("peer.speaking/1.PS5", {"speaking": True})
    assert feed.desk.talkers[0].speaking
    feed.changed.clear()
    feed.on_lost()
    assert feed.changed.is_set()
    assert (feed.desk.connected, feed.desk.talkers[0].speaking, feed.levels) == (False, False, {})
