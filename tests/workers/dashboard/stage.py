"""A real broker and a real dashboard; the other workers are played by the test, from a thread with a loop."""

from __future__ import annotations

import asyncio
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from common.api.rights import NEEDED
from common.basic.clock import boot_s
from common.bus import AudioPublisher, Bus
from common.bus.peers.peer_rights import ASKED_BY_WORKERS
from common.config.pages import Keys, load_keys, page_url
from common.config.tables import DashboardSettings
from common.files.paths import Paths
from common.messages import (
    AudioFrame,
    AuthState,
    Devices,
    Levels,
    Member,
    Message,
    MixerState,
    MixerTalker,
    ObsState,
    OutputDevice,
    PartyState,
    PeerState,
    Problem,
    Recording,
    Speaking,
    WorkerHealth,
)
from common.requests import CloseListening, FindPictures, OpenListening, Parties, PartySummary, Request
from tests.support.processes import Process, free_port, running, short_folder
from tests.support.waiting import eventually
from workers.dashboard.live.page_requests import ALLOWED

M = TypeVar("M", bound=Message)
NAMES = (
    *("Bo-Streams", "Cleo_99", "Duncan", "ella.winter", "Finn", "gwen_the_great_of_wales", "Hugo", "Ines-K"),
    *("jonas", "Kira", "Liam_O", "mona", "Nils", "Olga", "Pete"),
)
PLATFORMS = ("PS5", "PS4", "MOBILE_APP")
WORKERS = ("broker", "auth", "session", "signaling", "media", "audio", "recorder", "obs", "webrtc")
TICK_S = 0.01
SIGNED_IN = {
    "state": "signed_in",
    "realm": "playstation",
    "account_id": "1000",
    "online_id": "Ava-Desk",
    "access_expires_at": 4e9,
    "refresh_expires_at": 4e9,
}


def member(number: int) -> Member:
    """Return the member with that number; 0 is ourselves."""
    if number == 0:
        return Member(account_id="1000", platform="MOBILE_APP", online_id="Ava-Desk", is_me=True)
    platform = PLATFORMS[number % 3]
    name = NAMES[number - 1]
    return Member(
        account_id=str(1000 + number), platform=platform, online_id=name, is_host=number == 1, muted=number % 5 == 4
    )


class Stage:
    """Everything around the dashboard. `asked` has every request of a person that reached a played worker.

    `asked_by_itself` has what the dashboard asks on its own, when it likes.
    """

    def __init__(self, home: Path, start: Callable[..., Process], port: int, env: dict[str, str]) -> None:
        self.paths = Paths(home)
        self.paths.make()
        self.settings = DashboardSettings(port=port)
        self.asked: list[Request[Any]] = []
        self.asked_by_itself: list[Request[Any]] = []
        self.answers: dict[str, Callable[[Any], Any]] = {
            "ListParties": lambda _: Parties(parties=(PartySummary(session_id="s-1", name="Raid", owner="Bo-Streams"),))
        }
        self._peers: set[str] = set()
        self._start = start
        self.broker = start("workers.broker", home)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.buses: dict[str, Bus] = {}
        self._call(self._open())
        self.dashboard = self.start_dashboard(**env)

    def start_dashboard(self, **env: str) -> Process:
        settings = {"PARTYLINE_DASHBOARD__PORT": str(self.settings.port), **env}
        self.dashboard = self._start("workers.dashboard", self.paths.home, settings)
        return self.dashboard

    def start_worker(self, name: str, env: dict[str, str]) -> Process:
        """Start another real worker in the same home."""
        return self._start(f"workers.{name}", self.paths.home, env)

    def _call(self, job: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(job, self._loop).result(20)

    async def _open(self) -> None:
        for name in WORKERS[1:]:
            bus = self.buses[name] = Bus(name, self.paths.run)
            await bus.start()
        for cls in {*ALLOWED.values(), *NEEDED, FindPictures, OpenListening, CloseListening}:
            self.buses[cls.WORKER].serve(cls, self._answer)

    async def _answer(self, request: Request[Any]) -> Any:
        (self.asked_by_itself if type(request) in ASKED_BY_WORKERS else self.asked).append(request)
        chosen = self.answers.get(type(request).__name__)
        return chosen(request) if chosen else answer(type(request))

    def close(self) -> None:
        async def close() -> None:
            for bus in self.buses.values():
                await bus.close()

        self._call(close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    # --- what the workers say ----------------------------------------------------------------------

    def publish(self, worker: str, *messages: Message) -> None:
        async def publish() -> None:
            for message in messages:
                self.buses[worker].publish(message)

        self._call(publish())

    def clear(self, worker: str, cls: type[Message], key: str = "") -> None:
        async def clear() -> None:
            self.buses[worker].clear(cls, key)

        self._call(clear())

    def latest(self, cls: type[M]) -> M:
        """Return the retained message of a class without keys."""

        async def ask() -> Any:
            return await self.buses["session"].snapshot(cls)

        return next(got.message for got in self._call(ask()) if got.message is not None)

    def signed_in(self, **more: Any) -> None:
        self.publish("auth", AuthState(**{**SIGNED_IN, **more}))

    def party(self, count: int, *, mix: dict[str, Any] | None = None, **more: Any) -> None:
        """Let a party be joined by `count` others, all connected and in the mix."""
        members = tuple(member(number) for number in range(count + 1))
        state = {"phase": "joined", "session_id": "s-1", "name": "Friday raid", "me": members[0].peer, **more}
        self.publish(
            "session", PartyState(members=members, joined_at=time.time() - 4000, joined_s=boot_s() - 4000, **state)
        )
        for key in self._peers - {other.peer for other in members}:
            self.clear("media", PeerState, key)
        self._peers = {other.peer for other in members[1:]}
        self.publish("media", *map(self.peer, members[1:]))
        self.mixer(members[1:], mix=mix)

    @staticmethod
    def peer(who: Member, **more: Any) -> PeerState:
        number = int(who.account_id)
        fields = {
            "connection": "connected",
            "codec": "opus/16000",
            "heard_s": 41.0,
            "packets": 1025,
            "lost": 2,
            "frames": 4100,
            "delay_ms": 38.0 + number % 7,
            "target_delay_ms": 40.0,
            "jitter_ms": 3.2,
            **more,
        }
        return PeerState(account_id=who.account_id, platform=who.platform, online_id=who.online_id, **fields)

    def mixer(self, members: tuple[Member, ...], *, mix: dict[str, Any] | None = None, **more: Any) -> None:
        """Let audio mix these; `more` are fields of each by peer key, `mix` those of the whole."""
        talkers = tuple(
            MixerTalker(peer=who.peer, frames=4000, queue_ms=20.0, age_ms=52.0, **more.get(who.peer, {}))
            for who in members
        )
        self.publish(
            "audio",
            MixerState(
                sink="device",
                wanted_sink="device",
                target="MacBook Speakers",
                where="to the sound device “MacBook Speakers”",
                latency_ms=12.0,
                talkers=talkers,
                **(mix or {}),
            ),
        )

    def speak(self, *members: Member, speaking: bool = True) -> None:
        for who in members:
            said = Speaking(
                account_id=who.account_id,
                platform=who.platform,
                online_id=who.online_id,
                speaking=speaking,
                at=time.time(),
            )
            self.publish("media", said)

    def levels(self, members: tuple[Member, ...], loud: int = 0) -> None:
        peaks = {who.peer: -14.0 - 2 * (index % 3) if index <= loud else -120.0 for index, who in enumerate(members)}
        self.publish("audio", Levels(talkers=peaks, mix=-9.0))

    def furnish(self) -> None:
        """Let there be healthy workers, devices and a recorder."""
        for worker in WORKERS[1:]:
            self._beat(worker, boot_s() + 3600)
        names = ("MacBook Speakers", "BlackHole 2ch", "AirPods")
        devices = tuple(OutputDevice(name=name, channels=2, is_default=name == names[0]) for name in names)
        self.publish("audio", Devices(devices=devices, current=names[0]))
        self.publish("recorder", Recording(state="idle"))

    def silence(self, worker: str) -> None:
        """Let a worker have beaten last a minute ago."""
        self._beat(worker, boot_s() - 60)

    def _beat(self, worker: str, at: float) -> None:
        health = WorkerHealth(
            worker=worker,
            pid=1,
            boot="b",
            state="running",
            started_at=time.time() - 4000,
            beat_s=at,
            up_s=4000.0 + at - boot_s(),
            rss_bytes=48_000_000,
            cpu_seconds=60.0,
        )
        self.publish(worker, health)

    def problem(self, code: str = "audio.no-device") -> None:
        self.publish(
            "audio",
            Problem(
                worker="audio",
                code=code,
                message="There is no sound device.",
                at=time.time(),
                count=3,
                remedy='Plug one in, or set `[audio] sink` to "null" if only OBS is to play.',
            ),
        )

    # --- how it is opened ---------------------------------------------------------------------------

    @property
    def keys(self) -> Keys:
        return load_keys(self.paths)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    def url(self, page: str = "", *, reading: bool = False, **query: str) -> str:
        return page_url(self.settings, page, self.keys.read if reading else self.keys.full, **query)

    def await_open(self) -> None:
        def open_() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.settings.port)) == 0

        eventually(open_, f"the dashboard listens; it said: {self.dashboard.output[-2000:]}")

    def await_asked(self, request: Request[Any]) -> None:
        eventually(lambda: request in self.asked, f"{request} arrives; so far: {self.asked}")


def answer(cls: type[Request[Any]]) -> Any:
    """Return what the worker of such a request answers, if the test has chosen nothing else."""
    fields = {
        "PartyState": {"phase": "joined", "session_id": "s-1", "joined_at": time.time(), "joined_s": boot_s()},
        "AuthState": SIGNED_IN,
        "Recording": {"state": "recording", "folder": "/recordings/1", "started_at": time.time()},
        "Invited": {"online_ids": ()},
        "ObsChanged": {"state": ObsState()},
        "ObsTestResult": {"heard": True, "message": "OBS heard the test tone."},
        "ListeningOpened": {"listening_id": "made-up-listener", "answer": "v=0"},
        "ListenLink": {"path": "/obs-audio#ticket=made-up", "expires_s": 600.0},
        "SavedClip": {"folder": "/recordings/1-clip", "seconds": 30.0, "talkers": 2, "size_bytes": 2_000_000},
    }
    return cls.REPLY(**fields.get(cls.REPLY.__name__, {}))


class Playing:
    """Publishes 10 ms frames in real time, round and round, as audio does the mix or media a talker."""

    def __init__(self, run: Path, name: str, peer: str, samples: NDArray[np.int16], boot: str = "b") -> None:
        self.samples = samples
        self.began_ns = 0
        """Monotonic time at which tick 0 was due."""
        self.first_tick_ns: dict[int, int] = {}
        """Round → monotonic time at which its first sample was due."""
        self._peer, self._boot = peer, boot
        self._publisher = AudioPublisher(run, name)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._play, daemon=True)
        self._thread.start()

    def _play(self) -> None:
        frames = self.samples[: len(self.samples) // 480 * 480].reshape(-1, 480)
        start = self.began_ns = time.monotonic_ns()
        for tick in itertools.count():
            due = start + tick * 10_000_000
            while (left := (due - time.monotonic_ns()) / 1e9) > 0:
                if self._ending.wait(min(left, TICK_S)):
                    return
            place = tick % len(frames)
            if place == 0:
                self.first_tick_ns[tick // len(frames)] = due
            frame = AudioFrame(peer=self._peer, boot=self._boot, tick=tick, tick_ns=due)
            sound = frames[place]
            self._publisher.send(frame, sound.tobytes() if sound.any() else b"")
            if self._ending.is_set():
                return

    def stop(self) -> None:
        self._ending.set()
        self._thread.join(5)
        self._publisher.close()


@contextmanager
def staged(port: int = 0, **env: str) -> Iterator[Stage]:
    """Yield a stage whose dashboard listens (unless `port` is given: then it tries to); `env` is for the dashboard."""
    with short_folder() as home, running() as start:
        stage = Stage(home, start, port or free_port(), env)
        try:
            if not port:
                stage.await_open()
            yield stage
        finally:
            stage.close()
