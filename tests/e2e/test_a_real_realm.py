"""The realm `playstation`, headless, against a server of its own that speaks the protocol: as on a spare Mac."""

from __future__ import annotations

import json
import time
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from common.messages import AuthState, PartyState, PeerState
from tests.e2e import heard
from tests.e2e.pipeline import Control, Pipeline, pipeline
from tests.support.processes import Process
from tests.support.waiting import eventually

pytestmark = pytest.mark.realtime

URLS = (
    "account_url",
    "mobile_url",
    "web_url",
    "dms_url",
    "profile_url",
    "party_link_url",
    "push_url",
    "push_socket_url",
)


def environment(info: dict[str, str]) -> dict[str, str]:
    """Return the variables that turn a pipeline to that server, with a file for the sound."""
    return {
        "PARTYLINE_PSN__REALM": "playstation",
        **{f"PARTYLINE_PSN__{key.upper()}": info[key] for key in URLS},
        "PARTYLINE_ICE__STUN_SERVERS": "[]",
        "PARTYLINE_AUDIO__SINK": "file",
        "PARTYLINE_AUDIO__FILE": "heard.wav",
        "PARTYLINE_AUTH__STORE": "file",
    }


@pytest.fixture
def server(home: Path, start: Callable[..., Process]) -> dict[str, str]:
    """A PlayStation Network that is not the pipeline's own simulator."""
    file = home / "network.json"
    start("simulator", home, None, "--info", str(file))
    eventually(file.exists, "the network is up")
    found: dict[str, str] = json.loads(file.read_text())
    return found


def members(control: Control) -> int:
    return sum(len(party["members"]) for party in control.get("state")["parties"])


def connected(made: Pipeline) -> bool:
    peers = made.state().all(PeerState)
    return bool(peers) and all(peer.connection == "connected" for peer in peers)


def recorded(file: Path) -> tuple[np.ndarray, int]:
    """Return what the file sink wrote, and the monotonic time of its first sample (it grows in real time)."""
    with wave.open(str(file)) as wav:
        assert (wav.getframerate(), wav.getsampwidth()) == (heard.RATE, 2)
        count, channels = wav.getnframes(), wav.getnchannels()
        samples = np.frombuffer(wav.readframes(count), "<i2").reshape(-1, channels)[:, 0] / np.float32(32768)
    return samples, time.monotonic_ns() - count * 1_000_000_000 // heard.RATE


def test_sign_in_join_hear_and_leave_without_a_screen(server: dict[str, str]) -> None:
    control = Control(server["control_url"])
    with pipeline(environment(server)) as made:
        made.start()
        eventually(lambda: made.state().one(AuthState), "auth is up", every_s=0.1)
        refused = made.partyline("login", "--npsso-file", "-", stdin="n" * 64)
        assert refused.returncode == 1
        assert len(refused.stderr.splitlines()) == 2
        signed_in = made.partyline("login", "--npsso-file", "-", stdin=server["npsso"])
        assert signed_in.returncode == 0, signed_in.stderr
        assert members(control) == 3, "nobody joins by himself in this realm"
        joined = made.partyline("join", server["party_link"])
        assert joined.returncode == 0, joined.stderr
        eventually(lambda: connected(made), "everybody is connected", every_s=0.1)
        since = time.monotonic_ns()
        eventually(lambda: heard.finished(control, since, time.monotonic_ns()), "somebody spoke alone", every_s=0.2)
        samples, began = recorded(made.paths.home / "heard.wav")
        matches = heard.lone_matches(samples, began, control, since)
        assert matches
        assert not [match for match in matches if match.alike < 0.9]
        control.post("chorus", {"on": True})
        eventually(lambda: all(peer.heard_s > 0 for peer in made.state().all(PeerState)), "all are heard", every_s=0.1)
        party = made.state().one(PartyState)
        assert party is not None
        assert members(control) == 4
        asked = time.monotonic()
        made.terminate(within_s=30)
        assert time.monotonic() - asked < 15
        assert members(control) == 3
        assert [item["reason"] for item in control.get("violations")] == []
        secrets = [server["npsso"], "Bearer e", '"access_token"', '"refresh_token"']
        assert not [secret for secret in secrets if secret in made.everything_logged()]


def test_join_by_session_id_after_a_sign_in_while_nothing_ran(server: dict[str, str]) -> None:
    control = Control(server["control_url"])
    with pipeline(environment(server)) as made:
        signed_in = made.partyline("login", "--npsso-file", "-", stdin=json.dumps({"npsso": server["npsso"]}))
        assert signed_in.returncode == 0, signed_in.stderr
        made.start()
        eventually(lambda: made.state().one(AuthState), "auth is up", every_s=0.1)
        joined = made.partyline("join", server["session_id"])
        assert joined.returncode == 0, joined.stderr
        eventually(lambda: connected(made), "everybody is connected", every_s=0.1)
        left = made.partyline("leave")
        assert left.returncode == 0, left.stderr
        assert members(control) == 3
        made.terminate(within_s=30)
        assert [item["reason"] for item in control.get("violations")] == []
