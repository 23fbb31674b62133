"""Real processes for the audio tests: a broker, an audio worker, and a thread that publishes talkers' frames."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import zmq
from numpy.typing import NDArray

from common.bus import AudioPublisher
from common.files.paths import Paths
from common.messages import FRAME_SAMPLES, SAMPLE_RATE, AudioFrame
from tests.support import bus_watcher
from tests.support.bus_watcher import BusWatcher
from tests.support.processes import Process, running, short_folder
from workers.audio.mix.talker_frames import TalkerFrame
from workers.audio.mixing_desk import MixingDesk

TICK_NS = 10_000_000
LIMIT_S = 30.0


def peer(number: int) -> str:
    return f"{1000 + number}.PS5"


def babble(seconds: float, seed: int = 1, level: float = 0.25) -> NDArray[np.int16]:
    """Return something like speech: coloured noise in syllables; no two stretches of it are alike."""
    noise = np.random.default_rng(seed)
    count = round(seconds * SAMPLE_RATE)
    spectrum = np.fft.rfft(noise.standard_normal(count))
    hertz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    spectrum *= np.where((hertz > 100) & (hertz < 7000), 1 / (1 + (hertz / 800) ** 2), 0)
    sound = np.fft.irfft(spectrum, count)
    beats = noise.uniform(0.2, 1.0, count // (SAMPLE_RATE // 6) + 2)
    sound *= np.interp(np.arange(count) / (SAMPLE_RATE / 6), np.arange(len(beats)), beats)
    return np.asarray(np.rint(sound / np.abs(sound).max() * level * 32767), np.int16)


def talk(seconds: float, level: float, seed: int = 1) -> NDArray[np.int16]:
    """Like speech: words, and pauses between them."""
    sound = babble(seconds, seed=seed, level=level).astype(np.float64)
    words = np.repeat(np.random.default_rng(seed).random(len(sound) // 12_000 + 1) < 0.75, 12_000)[: len(sound)]
    return np.asarray(sound * np.where(words, 1, 0.03), np.int16)


def frames(sound: NDArray[np.int16]) -> list[bytes]:
    return [
        frame.tobytes() for frame in sound[: len(sound) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    ]


def speak(desk: MixingDesk, sounds: dict[str, list[bytes]]) -> None:
    """Let talkers speak, and the desk poll as the worker does: ten times a second."""
    count = max(len(sound) for sound in sounds.values())
    for tick in range(count):
        for peer, sound in sounds.items():
            header = AudioFrame(peer=peer, boot="m", tick=tick, tick_ns=tick * 10_000_000, sounding=True)
            desk.chain.inbox.append(TalkerFrame(header, sound[tick], tick * 10_000_000))
        desk.chain.frame(tick * 10_000_000 + 15_000_000, tick * 10_000_000 + 15_000_000)
        if tick % 10 == 9:
            desk.poll()


class _Publisher(AudioPublisher):
    """Tells when somebody listens."""

    def __init__(self, run: Path) -> None:
        super().__init__(run)
        self._monitor = self._socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)

    def wait_for_listener(self) -> None:
        assert self._monitor.poll(LIMIT_S * 1000), "nobody listens to the talkers"

    def close(self) -> None:
        self._socket.disable_monitor()
        self._monitor.close(linger=0)
        super().close()


class Talkers:
    """Publishes frames like media does: every 10 ms by an absolute schedule, one for each talker.

    Entered, it waits until somebody listens: frames that are published before that are nobody's loss.
    """

    def __init__(self, run: Path, sounds: Mapping[str, NDArray[np.int16]], *, boot: str = "m1", lead_s: float = 0.3):
        """Everybody is silent for `lead_s`, then speaks `sounds`, then is silent until `stop`."""
        self._publisher = _Publisher(run)
        self._boot = boot
        self._lead = round(lead_s * 100)
        self._sounds = {name: sound[: len(sound) // FRAME_SAMPLES * FRAME_SAMPLES] for name, sound in sounds.items()}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.begun_ns = 0
        """Monotonic time at which the first spoken frame was due."""
        self.latest_ms = 0.0
        """How late this thread was at worst."""

    def __enter__(self) -> Self:
        self._publisher.wait_for_listener()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _run(self) -> None:
        start_ns = time.monotonic_ns() + TICK_NS
        self.begun_ns = start_ns + self._lead * TICK_NS
        tick = 0
        while not self._stop.is_set():
            due_ns = start_ns + tick * TICK_NS
            time.sleep(max(0, due_ns - time.monotonic_ns()) / 1e9)
            self.latest_ms = max(self.latest_ms, (time.monotonic_ns() - due_ns) / 1e6)
            for name, sound in self._sounds.items():
                first = (tick - self._lead) * FRAME_SAMPLES
                samples = sound[first : first + FRAME_SAMPLES].tobytes() if first >= 0 else b""
                header = AudioFrame(
                    peer=name,
                    boot=self._boot,
                    tick=tick,
                    tick_ns=due_ns,
                    arrived_ns=due_ns if samples else 0,
                    sounding=bool(samples),
                )
                self._publisher.send(header, samples)
            tick += 1

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        self._publisher.close()


class Home:
    """A temporary `PARTYLINE_HOME` with a broker in it; audio workers are started into it."""

    def __init__(self, env: Mapping[str, str] | None = None, **settings: str) -> None:
        """`settings`: keys of [audio]."""
        self._stack = contextlib.ExitStack()
        self.path = self._stack.enter_context(short_folder())
        self.paths = Paths(self.path)
        self.paths.make()
        self.env = {
            **(env or {}),
            **{f"PARTYLINE_AUDIO__{key.upper()}": value for key, value in settings.items()},
        }
        self._start = self._stack.enter_context(running())
        self.start("broker")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is not None:
            print(self.log())  # noqa: T201  # pytest shows it beside the failure
        self._stack.__exit__(kind, error, at)

    def start(self, worker: str, **settings: str) -> Process:
        return self.start_module(f"workers.{worker}", **settings)

    def start_module(self, module: str, **settings: str) -> Process:
        """Start a worker from another module than its own."""
        more = {f"PARTYLINE_AUDIO__{key.upper()}": value for key, value in settings.items()}
        return self._start(module, self.path, {**self.env, **more})

    def log(self) -> str:
        return "".join(file.read_text(errors="replace")[-6000:] for file in self.path.glob("*.out"))


class Watcher(BusWatcher):
    """Sees everything on the bus of a `Home`."""

    async def sees(self, what: str, found: Callable[[Self], Any], limit_s: float = LIMIT_S) -> Any:
        """Wait until `found(self)` is true, and return it."""
        return await self.until(lambda: found(self), what, limit_s)


@contextlib.asynccontextmanager
async def watching(home: Home) -> AsyncIterator[Watcher]:
    async with bus_watcher.watching(home.path, make=Watcher, name=f"test{os.getpid()}") as watcher:
        yield watcher
