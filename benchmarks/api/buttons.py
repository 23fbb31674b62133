"""Benchmark of buttons: a key is pressed on a played controller, and the talker is muted in what the sink plays.

    python -m benchmarks.api.buttons [--only streamdeck] [--presses 60] [--json FILE]

A real broker, dashboard and audio worker, a PulseAudio with a null sink, and the controller's real program: the Stream
Deck plugin as Elgato's app starts it, the Companion module as Companion does. One talker speaks without a pause. Each
press mutes, the next one lets be heard. Three times of each press, in ms:

mixer   until `audio.mixer` says so on the bus
sink    until the sink's monitor is silent, or not silent any more. It has the device's own latency in it
key     until the controller is told to show it

Another controller is a context manager that yields a `Controller`, in `CONTROLLERS`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.api.companion import companion_button
from benchmarks.api.stream_deck import StreamDeckApp, stream_deck
from common.api import keys
from common.files.paths import Paths
from common.messages import SAMPLE_RATE, Member, MixerState, PartyState, PeerState
from tests.support.processes import free_port, short_folder
from tests.support.soundserver import SINK, Recording, SoundServer
from tests.support.waiting import until
from tests.workers.audio.rig import Home, Talkers, Watcher, babble, watching

BO = Member(account_id="1001", platform="PS5", online_id="Bo-Streams")
ME = Member(account_id="1000", platform="MOBILE_APP", online_id="Ava-Desk", is_me=True)
PAUSE_S = (0.45, 0.75)
"""Between two presses, drawn, so that they fall into any place of a 10 ms frame and of a device's period."""
BLOCK = SAMPLE_RATE // 1000
SILENT = 0.0005
STAYS_MS = 100
"""What changes for so long has changed. The talker has no pause of that length."""
SEED = 15


class Controller(Protocol):
    """A program with a button for the first member of the party."""

    def press(self) -> int:
        """Press the button. Return the monotonic nanoseconds of the press."""

    def shows_muted(self) -> bool | None:
        """Return what the button shows now, None before it shows anything."""


@dataclass(frozen=True)
class Door:
    """Where the API is, with which key, and a folder for the controller's files."""

    origin: str
    key: str
    folder: Path


class _StreamDeckKey:
    def __init__(self, app: StreamDeckApp) -> None:
        self._app = app

    def press(self) -> int:
        return self._app.press("key", "mute")

    def shows_muted(self) -> bool | None:
        words = self._app.words("key")
        return "MUTED" in words if BO.online_id in words else None


@contextmanager
def _stream_deck(door: Door) -> Any:
    with stream_deck(door.folder, url=door.origin, key=door.key) as app:
        app.appear("key", "mute")
        yield _StreamDeckKey(app)


def _companion(door: Door) -> AbstractContextManager[Controller]:
    return companion_button(door.origin, door.key)


CONTROLLERS: dict[str, Callable[[Door], AbstractContextManager[Controller]]] = {
    "streamdeck": _stream_deck,
    "companion": _companion,
}


@dataclass
class Press:
    """One press, in monotonic nanoseconds."""

    muted: bool
    pressed_ns: int
    mixer_ns: int
    key_ns: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=tuple(CONTROLLERS), default=tuple(CONTROLLERS))
    parser.add_argument("--presses", type=int, default=60, help="presses that mute, and as many that do not")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    arguments = parser.parse_args()
    found = {name: asyncio.run(measure(CONTROLLERS[name], arguments.presses)) for name in arguments.only}
    print(json.dumps(found, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n")


async def measure(controller: Callable[[Door], AbstractContextManager[Controller]], presses: int) -> dict[str, Any]:
    """Press the button `presses` times for each of muting and hearing again. Return the figures."""
    async with _speaking(presses) as (server, watcher, door):
        with controller(door) as pressed:
            await watcher.until(lambda: pressed.shows_muted() is False, "the button is there", 60)
            with server.record() as recorder:
                recorder.wait_s(1.0)
                load = os.getloadavg()[0]
                done = await _press(watcher, pressed, 2 * presses)
                recorder.wait_s(1.0)
                return _figures(done, recorder.recording(), watcher, load)


@asynccontextmanager
async def _speaking(presses: int) -> AsyncIterator[tuple[SoundServer, Watcher, Door]]:
    """Yield a party of one who speaks without a pause, as long as the presses take."""
    port = free_port()
    with SoundServer() as server, short_folder() as folder:
        server.name_devices(SINK)
        env = {**server.env, "PARTYLINE_DASHBOARD__PORT": str(port)}
        with Home(env, device=SINK) as home:
            home.start("audio")
            home.start("dashboard")
            async with watching(home) as watcher:
                there = PeerState(account_id=BO.account_id, platform=BO.platform, connection="connected")
                watcher.bus.publish(PartyState(phase="joined", session_id="s-1", me=ME.peer, members=(ME, BO)))
                watcher.bus.publish(there)
                await watcher.sees("it plays", lambda w: (s := w.now(MixerState)) and s.outputs[0].phase == "playing")
                with Talkers(home.paths.run, {BO.peer: _unbroken(2 * presses * 2.5 + 60)}):
                    await watcher.sees("the talker is mixed", lambda _: _talker(watcher) is not None)
                    yield server, watcher, Door(f"http://127.0.0.1:{port}", _key(home.paths), folder)


def _unbroken(seconds: float) -> NDArray[np.int16]:
    """Return speech-like sound of which no block is silent."""
    return np.resize(babble(20.0), round(seconds * SAMPLE_RATE))


def _key(paths: Paths) -> str:
    return keys.make(paths, "buttons", "control")[1]


def _talker(watcher: Watcher) -> Any:
    state = watcher.now(MixerState)
    return next((one for one in state.talkers if one.peer == BO.peer), None) if state else None


async def _press(watcher: Watcher, controller: Controller, count: int) -> list[Press]:
    drawn = random.Random(SEED)
    done = []
    for number in range(count):
        muted = number % 2 == 0
        heard = len(watcher.heard)
        pressed_ns = controller.press()
        key_ns = await _shown_ns(controller, muted)
        await watcher.until(lambda muted=muted: _talker(watcher).muted is muted, "the mixer says so")  # type: ignore[misc]
        done.append(Press(muted, pressed_ns, _told_ns(watcher, heard, muted), key_ns))
        await asyncio.sleep(drawn.uniform(*PAUSE_S))
    return done


async def _shown_ns(controller: Controller, muted: bool) -> int:
    await until(lambda: controller.shows_muted() is muted, "the button shows it", 20, every_s=0.002)
    return time.monotonic_ns()


def _told_ns(watcher: Watcher, heard: int, muted: bool) -> int:
    """Return when the mixer's first message since `heard` came that has the talker so."""
    for message, at in zip(watcher.heard[heard:], watcher.heard_at[heard:], strict=False):
        if isinstance(message, MixerState) and any(t.peer == BO.peer and t.muted is muted for t in message.talkers):
            return round(at * 1e9)
    raise LookupError("no message of the mixer has it")


def changed_ns(recording: Recording, after_ns: int, *, muted: bool) -> int | None:
    """Return when the sink became silent (`muted`), or not silent, for good after that moment. None if it did not."""
    samples = recording.samples
    first = max(0, (after_ns - recording.started_ns) * SAMPLE_RATE // 1_000_000_000 // BLOCK)
    peaks = np.abs(samples[: len(samples) // BLOCK * BLOCK].reshape(-1, BLOCK)).max(axis=1)[first:]
    wanted = (peaks < SILENT) if muted else (peaks >= SILENT)
    runs = np.convolve(wanted, np.ones(STAYS_MS, int), "valid") >= (STAYS_MS if muted else STAYS_MS * 0.8)
    begins = np.flatnonzero(runs & wanted[: len(runs)])
    return recording.at_ns(int(first + begins[0]) * BLOCK) if len(begins) else None


def _figures(done: list[Press], recording: Recording, watcher: Watcher, load: float) -> dict[str, Any]:
    state = watcher.now(MixerState)
    found: dict[str, Any] = {
        "load at the beginning": round(load, 1),
        "sink says ms": round(state.latency_ms, 1) if state else None,
    }
    for muted in (True, False):
        presses = [one for one in done if one.muted is muted]
        sink = [changed_ns(recording, one.pressed_ns, muted=muted) for one in presses]
        heard = [(at - one.pressed_ns) / 1e6 for at, one in zip(sink, presses, strict=True) if at is not None]
        found["muted" if muted else "heard again"] = {
            "presses": len(presses),
            "not found in the sink": len(presses) - len(heard),
            "mixer ms": spread([(one.mixer_ns - one.pressed_ns) / 1e6 for one in presses]),
            "sink ms": spread(heard),
            "key ms": spread([(one.key_ns - one.pressed_ns) / 1e6 for one in presses]),
        }
    return found


def spread(values: list[float]) -> dict[str, float]:
    """Return median, 95th percentile and worst."""
    if not values:
        return {}
    return {
        "median": round(statistics.median(values), 1),
        "p95": round(float(np.percentile(values, 95)), 1),
        "worst": round(max(values), 1),
    }


if __name__ == "__main__":
    main()
