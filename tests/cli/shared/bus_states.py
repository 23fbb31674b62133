"""Bus states to draw views from."""

from __future__ import annotations

from cli.shared.bus_state import BusState
from common.messages import (
    AuthState,
    Member,
    Message,
    MixerState,
    MixerTalker,
    PartyState,
    PeerState,
    Problem,
    PushState,
    Speaking,
    WorkerHealth,
)
from common.wire import Header, Received

NOW = 1_800_000_000.0
ME = Member(account_id="1", platform="MOBILE_APP", online_id="Ava-Demo", is_me=True)
BO = Member(account_id="2", platform="PS5", online_id="Bo-Streams", is_host=True)
CLEO = Member(account_id="3", platform="MOBILE_APP", online_id="Cleo_99", muted=True)


def received(message: Message, at: float = NOW) -> Received:
    return Received(topic=message.topic(), header=Header(sender="test", boot="b", seq=1, at=at), message=message)


def cleared(message: Message) -> Received:
    return Received(topic=message.topic(), header=Header(sender="test", boot="b", seq=2, at=NOW), message=None)


def bus_state(*messages: Message) -> BusState:
    return BusState([received(message) for message in messages])


def party(*members: Member, **more: object) -> PartyState:
    return PartyState(
        **{
            "phase": "joined",
            "session_id": "s",
            "name": "Friday raid",
            "joined_at": NOW - 300,
            "joined_s": NOW - 300,
            "members": members or (ME, BO, CLEO),
            **more,
        }
    )


def bo(**more: object) -> PeerState:
    return PeerState(
        **{"account_id": "2", "platform": "PS5", "online_id": "Bo-Streams", "connection": "connected", **more}
    )


def health(worker: str, **more: object) -> WorkerHealth:
    return WorkerHealth(
        **{
            "worker": worker,
            "pid": 1,
            "boot": "b1",
            "state": "running",
            "started_at": NOW - 600,
            "beat_s": NOW - 1,
            "up_s": 599.0,
            "rss_bytes": 41_000_000,
            "cpu_seconds": 6.0,
            **more,
        }
    )


def full() -> BusState:
    """A party with one voice that does well and one that does not."""
    return bus_state(
        AuthState(state="signed_in", realm="playstation", online_id="Ava-Demo", refresh_expires_at=NOW + 9 * 86400),
        PushState(connected=True, protocol="3.0", since=NOW - 7200),
        party(),
        bo(delay_ms=41, target_delay_ms=40, frames=1000, concealed_frames=3, loss_fraction=0.001),
        PeerState(
            account_id="3",
            platform="MOBILE_APP",
            online_id="Cleo_99",
            connection="lost",
            frames=100,
            concealed_frames=20,
            loss_fraction=0.1,
        ),
        Speaking(account_id="2", platform="PS5", speaking=True, at=NOW),
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
