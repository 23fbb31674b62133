"""Benchmark of the dashboard's pages with 16 talkers: CPU of worker and browser, delay and quality in OBS' page.

    python -m benchmarks.whole.pages [--seconds 15] [--rounds 5] [--overlays] [--json FILE]

`--overlays`: only what overlays cost.

A real broker, dashboard, sound server and headless Chromium run. Chromium renders in software, which costs more than
with a GPU. The other workers are simulated, at their rate while three of 15 others talk at once.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page

from common.messages import Member
from tests.support.browser import chromium
from tests.support.correlate import windows
from tests.support.soundserver import RATE, SoundServer
from tests.workers.dashboard.listen.test_sound_sockets import ROUND_S, figures, plays_on, speech
from tests.workers.dashboard.stage import Playing, Stage, member, staged

OTHERS = tuple(member(number) for number in range(1, 16))
TICKS_S = os.sysconf("SC_CLK_TCK")
MANY = 3
"""Overlays at once. Chosen as one for each of a few scenes."""


class Bustle:
    """Publishes as media and audio do while people talk: levels ten times a second, states once, turns every 2 s."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._go, daemon=True)
        self._thread.start()

    def _go(self) -> None:
        count = 0
        while not self._ending.wait(0.1):
            self._stage.levels(OTHERS, count % 3 + 1)
            if count % 10 == 0:
                self._stage.publish("media", *(self._stage.peer(who, frames=4100 + count) for who in OTHERS))
                self._stage.mixer(OTHERS)
            if count % 20 == 0:
                speaker = count // 20 % 15
                self._stage.speak(OTHERS[speaker])
                self._stage.speak(OTHERS[speaker - 3], speaking=False)
            count += 1

    def stop(self) -> None:
        self._ending.set()
        self._thread.join(5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--overlays", action="store_true", help="only the CPU of overlays")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with SoundServer() as server, staged() as stage, chromium(env=server.environment(), sound=True) as browser:
        stage.furnish()
        stage.signed_in()
        stage.party(15)
        found: dict[str, Any] = {"cpu_percent": _overlays(stage, browser, args.seconds)}
        if args.overlays:
            return _tell(found, args.json)
        found |= {
            "sound": _sound(stage, browser, server, args.rounds),
            "one_talker": _sound(stage, browser, server, 2, OTHERS[0]),
        }
        stage.mixer(OTHERS, mix={"delay_ms": 250.0})
        found |= {
            "one_talker_held_back_250_ms": _sound(stage, browser, server, 2, OTHERS[0]),
            "cpu_percent": found["cpu_percent"] | _cpu(stage, browser, args.seconds),
        }
        return _tell(found, args.json)


def _tell(found: dict[str, Any], file: Path | None) -> None:
    print(json.dumps(found, indent=2))
    if file:
        file.write_text(json.dumps(found, indent=2))


@contextmanager
def _pages(browser: Browser, *urls: str) -> Iterator[list[Page]]:
    with ExitStack() as stack:
        pages = []
        for url in urls:
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            stack.callback(context.close)
            pages.append(context.new_page())
            pages[-1].goto(url)
        yield pages


def _sound(
    stage: Stage, browser: Browser, server: SoundServer, rounds: int, talker: Member | None = None
) -> dict[str, float]:
    """Return delay (sent → sink) and quality of the page's sound, from audio or with `talker` from media."""
    said = speech()
    voice = np.trim_zeros(said.astype(np.float32), "b")
    source = ("audio-media", talker.peer) if talker else ("audio-mix", "mix")
    query = {"talker": talker.online_id} if talker else {}
    playing = Playing(stage.paths.run, *source, said)
    try:
        with _pages(browser, stage.url("obs-audio", reading=True, **query)) as [page]:
            plays_on(page, "the page plays")
            with server.record() as recorder:
                recorder.wait_s(ROUND_S * (rounds + 1))
                recording = recorder.recording()
            said_by_page = figures(page)
    finally:
        playing.stop()
    delays, fits = [], []
    for due in playing.first_tick_ns.values():
        first = round((due - recording.started_ns) / 1e9 * RATE)
        piece = recording.samples[max(0, first) : max(0, first) + len(voice) + RATE // 2]
        if first < 0 or len(piece) < len(voice) + RATE // 2:
            continue
        # short pieces, as the null sink's clock is off by some 500 ppm, so that a long one does not match as a whole
        pieces = windows(piece, voice, RATE, window_s=0.2)
        delays.append(statistics.median(match.offset_samples for match in pieces) / RATE * 1000)
        fits.append(statistics.median(match.correlation for match in pieces))
    return {
        "utterances": len(delays),
        "correlation_median": statistics.median(fits),
        "correlation_worst_utterance": min(fits),
        "delay_ms_median": statistics.median(delays),
        "delay_ms_max": max(delays),
        **{name: float(said_by_page[name]) for name in ("fill_ms", "target_ms", "ppm", "underruns", "dropped_ms")},
    }


def _overlays(stage: Stage, browser: Browser, seconds: float) -> dict[str, dict[str, float]]:
    """Return percent of a core of the dashboard worker and of all of Chromium, for overlays, still and moving."""
    still, moving = (stage.url("overlay", reading=True, **query) for query in ({}, {"motion": "bounce"}))
    silent = {
        "overlay, nobody talks": [still],
        f"{MANY} overlays that move, nobody talks": MANY * [moving],
    }
    talking = {
        "overlay": [still],
        f"{MANY} overlays": MANY * [still],
        f"{MANY} overlays that move": MANY * [moving],
    }
    found = _measured(stage, browser, seconds, silent)
    bustle = Bustle(stage)
    try:
        return found | _measured(stage, browser, seconds, talking)
    finally:
        bustle.stop()


def _cpu(stage: Stage, browser: Browser, seconds: float) -> dict[str, dict[str, float]]:
    """Return percent of a core of the dashboard worker and of all of Chromium, for each choice of other pages."""
    overlay, listen = stage.url("overlay", reading=True), stage.url("obs-audio", reading=True)
    found = _measured(stage, browser, seconds, {"nothing open, nobody talks": ["about:blank"]})
    bustle, playing = Bustle(stage), Playing(stage.paths.run, "audio-mix", "mix", speech())
    try:
        return found | _measured(
            stage,
            browser,
            seconds,
            {
                "nothing open": ["about:blank"],
                "obs-audio": [listen],
                "dashboard": [stage.url()],
                "all three": [stage.url(), overlay, listen],
            },
        )
    finally:
        playing.stop()
        bustle.stop()


def _measured(
    stage: Stage, browser: Browser, seconds: float, pages: dict[str, list[str]]
) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for name, urls in pages.items():
        with _pages(browser, *urls) as opened:
            opened[-1].wait_for_timeout(2000)
            found[name] = _usage(stage, seconds, opened[-1].wait_for_timeout)
    return found


def _usage(stage: Stage, seconds: float, wait_ms: Callable[[float], Any]) -> dict[str, float]:
    worker = stage.dashboard.popen.pid
    before = (_seconds([worker]), _seconds(_chromium()), time.monotonic())
    wait_ms(seconds * 1000)
    took = time.monotonic() - before[2]
    return {
        "worker": round((_seconds([worker]) - before[0]) / took * 100, 1),
        "chromium": round((_seconds(_chromium()) - before[1]) / took * 100, 1),
    }


def _chromium() -> list[int]:
    """Return the process ids of all browser processes below this one."""
    parents: dict[int, int] = {}
    names: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                head, _, tail = (entry / "stat").read_text().rpartition(")")
            except OSError:
                continue
            parents[int(entry.name)] = int(tail.split()[1])
            names[int(entry.name)] = head.partition("(")[2]

    def ours(pid: int) -> bool:
        while pid > 1:
            if pid == os.getpid():
                return True
            pid = parents.get(pid, 0)
        return False

    return [pid for pid, name in names.items() if name.startswith("chrom") and ours(pid)]


def _seconds(pids: list[int]) -> float:
    total = 0.0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += (int(fields[11]) + int(fields[12])) / TICKS_S
    return total


if __name__ == "__main__":
    main()
