"""The whole pipeline under a real supervisord, against the real simulator, into a real sound server.

One pipeline serves the tests of this file, in their order: nothing in the path is a mock, and what is judged
is the sound at the sink's monitor.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.e2e import heard
from tests.e2e.pipeline import Control, Pipeline, pipeline
from tests.processes import eventually
from tests.soundserver import Recorder, SoundServer

CONSOLES = 3
CONTROL_WORKERS = ("broker", "auth", "session", "signaling")
FIRST_VOICE_S = 30.0


@dataclass
class Demo:
    """The running pipeline, its sound, and the simulator's own knowledge of what was spoken."""

    pipeline: Pipeline
    recorder: Recorder
    control: Control
    started_ns: int

    def matches(self, since_ns: int) -> list[heard.Match]:
        """Match the lone utterances that began after `since_ns`."""
        recording = self.recorder.recording()
        found = heard.lone_matches(recording.samples, recording.started_ns, self.control)
        return [match for match in found if match.utterance.started_ns >= since_ns]

    def silence_ms(self, from_ns: int, to_ns: int) -> float:
        recording = self.recorder.recording()
        return heard.longest_silence_ms(recording.samples, recording.started_ns, from_ns, to_ns)

    def counts(self) -> dict[str, int]:
        """Return what must not grow: frames concealed, missing in the mix, dropped."""
        status = self.pipeline.status()
        peers, talkers = status["peers"], status["mixer"]["talkers"]
        return {
            "concealed": sum(peer["concealed_frames"] for peer in peers),
            "missing": sum(talker["missing"] for talker in talkers),
            "lost": sum(peer["lost"] for peer in peers),
        }

    def boots(self) -> dict[str, str]:
        return {health["worker"]: health["boot"] for health in self.pipeline.status().get("workers", [])}


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with SoundServer() as server, pipeline(server.env) as made, server.record() as recorder:
        started = time.monotonic_ns()
        made.start()
        yield Demo(made, recorder, Control.of(made.paths.simulator_file), started)


def everybody_connected(demo: Demo) -> bool:
    peers = demo.pipeline.status().get("peers", [])
    return len(peers) == CONSOLES and all(peer["connection"] == "connected" for peer in peers)


def matched_peers(demo: Demo, since_ns: int) -> Callable[[], list[heard.Match]]:
    def all_of_them() -> list[heard.Match]:
        found = demo.matches(since_ns)
        return found if len({match.utterance.peer for match in found}) == CONSOLES else []

    return all_of_them


def test_the_demos_voices_arrive_and_are_the_voices_that_were_spoken(demo: Demo) -> None:
    eventually(lambda: everybody_connected(demo), "all consoles are connected")
    connected = time.monotonic_ns()
    assert (connected - demo.started_ns) / 1e9 < FIRST_VOICE_S
    found = eventually(matched_peers(demo, connected), "every talker spoke alone", within_s=120)
    for match in found:
        assert match.correlation >= 0.9, match
        assert 0 < match.delay_ms < 400, match


def test_nothing_that_we_sent_was_refused(demo: Demo) -> None:
    assert demo.control.get("violations") == []


def test_status_shows_the_party_and_every_worker_running(demo: Demo) -> None:
    status = demo.pipeline.status()
    assert status["auth"]["state"] == "signed_in"
    assert status["party"]["phase"] == "joined"
    assert len(status["party"]["members"]) == CONSOLES + 1
    assert {health["state"] for health in status["workers"]} == {"running"}
    assert status["stale_workers"] == []
    assert status["mixer"]["sink"] == "device"


@pytest.mark.parametrize("worker", CONTROL_WORKERS)
@pytest.mark.parametrize("how", ["restart", "kill -9"])
def test_a_lost_control_worker_is_not_heard(demo: Demo, worker: str, how: str) -> None:
    eventually(lambda: everybody_connected(demo), "all consoles are connected")
    before, boots, began = demo.counts(), demo.boots(), time.monotonic_ns()
    if how == "restart":
        assert "started" in demo.pipeline.supervisorctl("restart", worker)
    else:
        demo.pipeline.kill_9(worker)

    def back() -> bool:
        now = demo.boots()
        return set(now) == set(boots) and now[worker] != boots[worker] and everybody_connected(demo)

    eventually(back, f"{worker} is back")
    eventually(lambda: demo.matches(began), "somebody spoke alone since")
    assert demo.counts() == before
    assert all(match.correlation >= 0.9 for match in demo.matches(began))
    assert {boots[other] for other in ("media", "audio")} <= set(demo.boots().values())
    members = demo.pipeline.status()["party"]["members"]
    assert len(members) == CONSOLES + 1


@pytest.mark.parametrize(("worker", "limit_s"), [("audio", 3.0), ("media", 5.0)])
def test_kill_9_of_a_sound_worker_is_silence_for_no_longer_than_promised(
    demo: Demo, worker: str, limit_s: float
) -> None:
    eventually(lambda: everybody_connected(demo), "all consoles are connected")
    boots = demo.boots()
    killed = time.monotonic_ns()
    demo.pipeline.kill_9(worker)
    eventually(lambda: demo.boots().get(worker) not in (None, boots[worker]), f"{worker} is back")
    eventually(matched_peers(demo, killed + 6_000_000_000), "every talker is heard again", within_s=120)
    gap = demo.silence_ms(killed, killed + 15_000_000_000) / 1000
    assert gap < limit_s
    assert all(match.correlation >= 0.9 for match in demo.matches(killed + 6_000_000_000))


def test_sigterm_leaves_the_party_and_ends_within_15_seconds(demo: Demo) -> None:
    me = demo.pipeline.status()["party"]["me"]
    info = demo.control.get("state")
    assert me in str(info)
    calls = _leaves(demo.control)
    asked = time.monotonic()
    pids = [demo.pipeline.pid(worker) for worker in ("media", "audio", "session")]
    demo.pipeline.terminate(within_s=30)
    assert time.monotonic() - asked < 15
    assert not [pid for pid in pids if _alive(pid)]
    assert "asked to stop" in demo.pipeline.logs()
    assert _left(demo.pipeline) > calls


def _leaves(control: Control) -> int:
    return sum(call["method"] == "DELETE" and call["path"].endswith("/members/me") for call in control.get("calls"))


def _left(made: Pipeline) -> int:
    """Count the leaves in session's own log: the simulator is gone by now."""
    return (made.paths.log / "session.log").read_text().count('"left"')


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIG_DFL)
    except ProcessLookupError:
        return False
    return True
