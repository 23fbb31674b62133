"""The whole pipeline under a real supervisord, against the real simulator, into a real sound server.

One pipeline serves the tests of this file, in their order: nothing in the path is a mock, and what is judged
is the sound at the sink's monitor.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from common.messages import MixerState, PartyState, PeerState, WorkerHealth
from tests.e2e import heard
from tests.e2e.pipeline import Control, Pipeline, pipeline
from tests.support.soundserver import Recorder, SoundServer
from tests.support.waiting import eventually

pytestmark = [pytest.mark.realtime, pytest.mark.alone]

CONSOLES = 3
FIRST_VOICE_S = 30.0
TRIES = 3
LOSSES = (
    *(("kill -9", (worker,)) for worker in ("broker", "auth", "session", "signaling")),
    ("restart", ("broker", "signaling")),
    ("restart", ("auth", "session")),
)
"""How control workers are lost, and which of them in one sentence."""


def _words(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else "+".join(value)


LONGEST = "ben-1"
"""A voice of 4.7 s."""


@dataclass
class Demo:
    """The running pipeline, its sound, and the simulator's own knowledge of what was spoken."""

    pipeline: Pipeline
    recorder: Recorder
    control: Control
    started_ns: int

    def wait_connected(self) -> None:
        eventually(self.connected, "all consoles are connected", every_s=0.1)

    def connected(self) -> bool:
        peers = self.pipeline.state().all(PeerState)
        return len(peers) == CONSOLES and all(peer.connection == "connected" for peer in peers)

    def matches(self, since_ns: int, talkers: int) -> list[heard.Match]:
        """Match the lone utterances since then, as soon as so many talkers have spoken alone."""

        def spoken() -> bool:
            found = heard.finished(self.control, since_ns, time.monotonic_ns())
            return len({one.peer for one in found}) >= talkers

        eventually(spoken, f"{talkers} talkers spoke alone", within_s=120, every_s=0.1)
        recording = self.recorder.recording()
        return heard.lone_matches(recording.samples, recording.started_ns, self.control, since_ns)

    def say(self) -> int:
        """End the talk and let one console speak for longer than a worker is away; return when (monotonic ns)."""
        self.hush()
        began = time.monotonic_ns() - heard.MARGIN_NS  # the packet of which it is the first has begun already
        console = random.choice(self.control.get("state")["consoles"])
        self.control.post("say", {"peer": console["peer"], "voice": LONGEST})
        return began

    def say_in_turn(self) -> int:
        """End the talk and let each console speak alone, one after the other. Return since when (monotonic ns)."""
        self.hush()  # it cuts off who speaks, so that it stands before the first only
        first = time.monotonic_ns() - heard.MARGIN_NS
        for console in self.control.get("state")["consoles"]:
            began = time.monotonic_ns() - heard.MARGIN_NS
            self.control.post("say", {"peer": console["peer"], "voice": console["voices"][0]})
            eventually(lambda since=began: self.has_begun(since), f"{console['peer']} speaks", every_s=0.05)
            eventually(self.hushed, f"{console['peer']} has ended", every_s=0.05)
        return first

    def has_begun(self, since_ns: int) -> bool:
        return any(one.started_ns >= since_ns for one in heard.utterances(self.control.get("spoken")))

    def hush(self) -> None:
        """End the talk, and wait until nobody speaks any more."""
        self.control.post("hush", {"on": True})
        eventually(self.hushed, "whoever spoke has ended", every_s=0.05)

    def hushed(self) -> bool:
        """Tell whether nobody has spoken for long enough that the next one speaks alone."""
        spoken = heard.utterances(self.control.get("spoken"))
        return all(one.ended_ns + 2 * heard.MARGIN_NS < time.monotonic_ns() for one in spoken)

    def talk(self) -> None:
        """Let them take turns again."""
        self.control.post("hush", {"on": False})

    def silence_ms(self, from_ns: int, to_ns: int) -> float:
        recording = self.recorder.recording()
        return heard.longest_silence_ms(recording.samples, recording.started_ns, from_ns, to_ns)

    def counts(self) -> dict[str, int]:
        """Return what must not grow: packets lost, frames concealed, frames missing in the mix."""
        state = self.pipeline.state()
        mixer = state.one(MixerState)
        assert mixer is not None
        return {
            "lost": sum(peer.lost for peer in state.all(PeerState)),
            "concealed": sum(peer.concealed_frames for peer in state.all(PeerState)),
            "missing": sum(talker.missing for talker in mixer.talkers),
        }

    def boots(self) -> dict[str, str]:
        return {health.worker: health.boot for health in self.pipeline.state().all(WorkerHealth)}

    def back(self, worker: str, before: dict[str, str]) -> None:
        """Wait until `worker` runs anew beside all the others."""

        def is_back() -> bool:
            now = self.boots()
            return set(now) == set(before) and now[worker] != before[worker]

        eventually(is_back, f"{worker} is back", every_s=0.1)


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with SoundServer() as server, pipeline(server.env) as made, server.record() as recorder:
        started = time.monotonic_ns()
        made.start()
        yield Demo(made, recorder, Control.of(made.paths.simulator_file), started)


def test_the_demos_voices_arrive_and_are_the_voices_that_were_spoken(demo: Demo) -> None:
    demo.wait_connected()
    connected = time.monotonic_ns()
    assert (connected - demo.started_ns) / 1e9 < FIRST_VOICE_S
    by_themselves = demo.matches(connected, talkers=1)
    # left to chance, it takes long until each of them has spoken alone
    for match in [*by_themselves, *demo.matches(demo.say_in_turn(), CONSOLES)]:
        assert match.alike >= 0.9, match
        assert 0 < match.delay_ms < 400, match


def test_nothing_that_we_sent_was_refused(demo: Demo) -> None:
    assert demo.control.get("violations") == []


def test_status_shows_the_party_and_every_worker_running(demo: Demo) -> None:
    status = json.loads(demo.pipeline.partyline("status", "--json").stdout)
    assert status["auth"]["state"] == "signed_in"
    assert status["party"]["phase"] == "joined"
    assert len(status["party"]["members"]) == CONSOLES + 1
    assert {health["state"] for health in status["workers"]} == {"running"}
    assert status["stale_workers"] == []
    assert status["mixer"]["sink"] == "device"


@pytest.mark.parametrize(("how", "workers"), LOSSES, ids=_words)
def test_a_lost_control_worker_is_not_heard(demo: Demo, how: str, workers: tuple[str, ...]) -> None:
    grown = [_lose(demo, workers, how)]
    # This machine itself stands still for 30 ms now and then: what a lost worker costs would come every time.
    while any(grown[-1].values()) and len(grown) < TRIES:
        grown.append(_lose(demo, workers, how))
    assert not any(grown[-1].values()), grown


def _lose(demo: Demo, workers: tuple[str, ...], how: str) -> dict[str, int]:
    """Lose workers in the middle of a sentence; return by how much the counts have grown when they are back."""
    demo.wait_connected()
    before, boots = demo.counts(), demo.boots()
    began = demo.say()
    if how == "restart":
        assert "started" in demo.pipeline.supervisorctl("restart", *workers)
    else:
        for worker in workers:
            demo.pipeline.kill_9(worker)
    for worker in workers:
        demo.back(worker, boots)
    matches = demo.matches(began, talkers=1)
    after = demo.counts()
    grown = {what: after[what] - before[what] for what in before}
    assert matches
    grown["torn"] = sum(match.alike < 0.9 for match in matches)
    assert {boots[other] for other in ("media", "audio")} <= set(demo.boots().values())
    demo.wait_connected()
    party = demo.pipeline.state().one(PartyState)
    assert party is not None
    assert len(party.members) == CONSOLES + 1
    return grown


@pytest.mark.parametrize(("worker", "limit_s", "talkers"), [("audio", 3.0, 1), ("media", 5.0, CONSOLES)])
def test_kill_9_of_a_sound_worker_is_silence_for_no_longer_than_promised(
    demo: Demo, worker: str, limit_s: float, talkers: int
) -> None:
    """After audio's end one voice stands for all; media has to connect to each of them anew."""
    found: list[tuple[float, int]] = []
    while not found or (len(found) < TRIES and not (found[-1][0] < limit_s and not found[-1][1])):
        demo.talk()
        found.append(_kill(demo, worker, limit_s, talkers))
    assert found[-1][0] < limit_s, found
    assert found[-1][1] == 0, found


def _kill(demo: Demo, worker: str, limit_s: float, talkers: int) -> tuple[float, int]:
    """Return how many seconds nothing was heard, and how many voices after that were torn."""
    demo.wait_connected()
    boots, killed = demo.boots(), time.monotonic_ns()
    demo.pipeline.kill_9(worker)
    demo.back(worker, boots)
    again = killed + round((limit_s + 1.0) * 1e9)
    eventually(lambda: time.monotonic_ns() > again, "the time that is judged is over", every_s=0.05)
    matches = demo.matches(demo.say_in_turn() if talkers == CONSOLES else again, talkers)
    assert matches
    return demo.silence_ms(killed, again) / 1000, sum(match.alike < 0.9 for match in matches)


def test_sigterm_leaves_the_party_and_ends_within_15_seconds(demo: Demo) -> None:
    party = demo.pipeline.state().one(PartyState)
    assert party is not None
    assert party.me.partition(".")[0] in str(demo.control.get("state"))
    asked = time.monotonic()
    pids = [demo.pipeline.pid(worker) for worker in ("media", "audio", "session")]
    demo.pipeline.terminate(within_s=30)
    assert time.monotonic() - asked < 15
    assert not [pid for pid in pids if _alive(pid)]
    said = (demo.pipeline.paths.log / "session.log").read_text()
    assert "partyline was stopped." in said
    assert "the leave was not confirmed" not in said


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIG_DFL)
    except ProcessLookupError:
        return False
    return True
