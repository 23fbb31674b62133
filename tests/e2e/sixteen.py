"""A full party of the realm `playstation`, in which everybody speaks all the time, and the real command line joins."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from common.bus import AudioSubscriber
from common.messages import AuthState, PushState
from tests.e2e.pipeline import Control, Pipeline, pipeline
from tests.support.processes import running, short_folder
from tests.support.waiting import eventually

CONSOLES = 15
URLS = (
    "account_url", "mobile_url", "web_url", "dms_url", "profile_url", "party_link_url", "push_url", "push_socket_url",
)  # fmt: skip


class FirstSounds:
    """When each talker first sounded on the audio plane, from a thread of its own."""

    def __init__(self, run: Path) -> None:
        self.at: dict[str, float] = {}
        """Peer key → monotonic seconds."""
        self._subscriber = AudioSubscriber(run)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while not self._ended.is_set():
            for frame, samples in self._subscriber.receive(50):
                if samples and frame.sounding and not frame.concealed:
                    self.at.setdefault(frame.peer, frame.tick_ns / 1e9)
        self._subscriber.close()

    def close(self) -> None:
        self._ended.set()
        self._thread.join()


@dataclass
class Joined:
    """Monotonic seconds after `partyline join` was started, and what the party looked like."""

    command_s: float
    """The command had ended."""
    heard_s: dict[str, float] = field(default_factory=dict)
    """Peer key → its first sound."""


class FullParty:
    def __init__(self, made: Pipeline, control: Control, link: str) -> None:
        self.pipeline = made
        self.control = control
        self._link = link

    def join(self) -> Joined:
        """Call `partyline join` and wait until everybody has been heard."""
        sounds = FirstSounds(self.pipeline.paths.run)
        try:
            began = time.monotonic()
            done = self.pipeline.partyline("join", self._link)
            joined = Joined(time.monotonic() - began)
            assert done.returncode == 0, done.stderr
            eventually(lambda: len(sounds.at) >= CONSOLES, "everybody is heard")
            joined.heard_s = {peer: at - began for peer, at in sounds.at.items()}
            return joined
        finally:
            sounds.close()


@contextmanager
def full_party() -> Iterator[FullParty]:
    """Yield a pipeline that is signed in and outside of a party of fifteen consoles."""
    with short_folder() as home, running() as start:
        file = home / "network.json"
        start("simulator", home, None, "--info", str(file), "--consoles", str(CONSOLES))
        eventually(file.exists, "the network is up")
        info = json.loads(file.read_text())
        control = Control(info["control_url"])
        control.post("chorus")
        env = {
            "PARTYLINE_PSN__REALM": "playstation",
            **{f"PARTYLINE_PSN__{key.upper()}": info[key] for key in URLS},
            "PARTYLINE_ICE__STUN_SERVERS": "[]",
            "PARTYLINE_AUDIO__SINK": "null",
            "PARTYLINE_AUTH__STORE": "file",
        }
        with pipeline(env) as made:
            made.start()
            eventually(lambda: made.state().one(AuthState), "auth is up", every_s=0.1)
            done = made.partyline("login", "--npsso-file", "-", stdin=info["npsso"])
            assert done.returncode == 0, done.stderr

            def open_() -> bool:
                state = made.state().one(PushState)
                return state is not None and state.connected

            eventually(open_, "the push channel is open", every_s=0.1)
            yield FullParty(made, control, info["party_link"])
