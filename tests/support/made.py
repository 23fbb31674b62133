"""People and messages for tests, as real workers would publish them. tests/contract holds these to the same rules."""

from __future__ import annotations

from typing import Any

from common.messages import AuthState, Member, PartyState, PeerState, WorkerHealth

NOW = 1_800_000_000.0
ME = Member(account_id="1", platform="MOBILE_APP", online_id="Ava-Demo", is_me=True)
BO = Member(account_id="2", platform="PS5", online_id="Bo-Streams", is_host=True)
CLEO = Member(account_id="3", platform="MOBILE_APP", online_id="Cleo_99", muted=True)


def party(*members: Member, **more: Any) -> PartyState:
    """Return the party of these members (by default all three), in which we are for five minutes."""
    fields = {
        "phase": "joined",
        "session_id": "s",
        "name": "Friday raid",
        "joined_at": NOW - 300,
        "joined_s": NOW - 300,
        "members": members or (ME, BO, CLEO),
    }
    fields["me"] = next((member.peer for member in fields["members"] if member.is_me), "")
    return PartyState(**{**fields, **more})


def peer_state(who: Member = BO, connection: str = "connected", **more: Any) -> PeerState:
    fields = {"account_id": who.account_id, "platform": who.platform, "online_id": who.online_id}
    if connection == "connected":
        fields |= {"codec": "opus/16000", "way": "own"}
    return PeerState(**{**fields, "connection": connection, **more})


def signed_in(**more: Any) -> AuthState:
    fields = {"state": "signed_in", "realm": "playstation", "account_id": "1", "online_id": "Ava-Demo"}
    fields |= {"access_expires_at": NOW + 3600, "refresh_expires_at": NOW + 60 * 86400}
    return AuthState(**{**fields, **more})


def health(worker: str, **more: Any) -> WorkerHealth:
    fields = {"worker": worker, "pid": 1, "boot": "b1", "state": "running", "started_at": NOW - 600}
    fields |= {"beat_s": NOW - 1, "up_s": 599.0, "rss_bytes": 41_000_000, "cpu_seconds": 6.0}
    return WorkerHealth(**{**fields, **more})
