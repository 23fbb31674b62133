"""The state that the topics say."""

from __future__ import annotations

from integrations.client.talkers import Places
from integrations.osc.desk import Desk, desk

TOPICS = {
    "party.state/": {
        "phase": "joined", "name": "Raid",
        "members": [{"account_id": "1", "platform": "PS5", "online_id": "Bo", "is_me": False}],
    },
    "audio.mixer/": {"gain_db": -3.0, "delay_ms": 120.0, "levelling": True, "talkers": []},
    "peer.speaking/1.PS5": {"speaking": True},
    "recording/": {"state": "recording", "seconds": 61.7, "marks": 2},
    "clip/": {"seconds": 60, "kept_s": 35.0, "folder": "/recordings/2026-01-01-clip"},
}  # fmt: skip


def test_all_of_it() -> None:
    found = desk(TOPICS, Places())
    assert [(one.name, one.speaking) for one in found.talkers] == [("Bo", True)]
    assert found == Desk(
        connected=True, talkers=found.talkers, gain_db=-3.0, delay_ms=120.0, levelling=True, recording=True, seconds=61,
        marks=2, clip_keep=60, clip_kept=35, clip_last="2026-01-01-clip", party_name="Raid", joined=True,
    )  # fmt: skip


def test_nothing_is_known_yet() -> None:
    assert desk({}, Places()) == Desk(connected=True)


def test_a_recording_that_stopped_by_itself_is_none() -> None:
    assert not desk({"recording/": {"state": "stopped"}}, Places()).recording


def test_when_the_api_is_away_nobody_speaks() -> None:
    lost = desk(TOPICS, Places()).lost()
    assert not lost.connected
    assert [one.speaking for one in lost.talkers] == [False]
    assert lost.party_name == "Raid"
