"""Bus states to draw views from."""

from __future__ import annotations

from cli.shared.bus_state import BusState
from common.messages import (
    Message,
    MixerState,
    MixerTalker,
    PeerState,
    Problem,
    PushState,
    Speaking,
)
from common.messages.wire import Header, Received
from tests.support.made import BO, CLEO, NOW, health, party, peer_state, signed_in


def received(message: Message, at: float = NOW) -> Received:
    return Received(topic=message.topic(), header=Header(sender="test", boot="b", seq=1, at=at), message=message)


def cleared(message: Message) -> Received:
    return Received(topic=message.topic(), header=Header(sender="test", boot="b", seq=2, at=NOW), message=None)


def bus_state(*messages: Message) -> BusState:
    return BusState([received(message) for message in messages])


FULL: tuple[Message, ...] = (
    signed_in(refresh_expires_at=NOW + 9 * 86400),
    PushState(connected=True, protocol="3.0", host="127.0.0.1", epoch="e", since=NOW - 7200),
    party(),
    peer_state(BO, delay_ms=41, target_delay_ms=40, frames=1000, concealed_frames=3, loss_fraction=0.001),
    PeerState(
        account_id="3",
        platform="MOBILE_APP",
        online_id="Cleo_99",
        connection="lost",
        codec="opus/16000",
        frames=100,
        concealed_frames=20,
        loss_fraction=0.1,
    ),
    Speaking(account_id="2", platform="PS5", online_id="Bo-Streams", speaking=True, at=NOW),
    MixerState(
        sink="device",
        wanted_sink="device",
        target="BlackHole 2ch",
        where="to the sound device “BlackHole 2ch”",
        latency_ms=9,
        talkers=(
            MixerTalker(peer=BO.peer, age_ms=58, missing=0),
            MixerTalker(peer=CLEO.peer, gain_db=-6, muted=False, missing=12),
        ),
    ),
    health("media"),
    health("audio", beat_s=NOW - 42),
    health("auth", state="degraded", detail="waiting for the network"),
    health("simulator", state="stopping", beat_s=NOW - 90),
    Problem(
        worker="audio",
        code="audio.limit",
        message="The mix is too loud.",
        remedy="Turn a member down: `partyline gain`.",
        severity="warning",
        count=3,
        at=NOW - 20,
    ),
)
"""A party with one voice that does well and one that does not."""


def full() -> BusState:
    return bus_state(*FULL)
