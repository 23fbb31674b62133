"""Headless Chromium as a receiver: its own WebRTC and NetEQ, with the sound taken inside the page before any device.

A `MediaStreamTrackProcessor` reads each track. Chromium stamps a frame when NetEQ hands over its 10 ms, by the clock of
`performance.now()`. The script checks that the freshest frame was not older than `YOUNGEST_MS`. The offset to our
monotonic clock is measured over the page's own connection. The fastest answer counts, and half its round trip is the
error (`clock_error_ms`, printed). Without a sound device Chromium pulls 10 ms at a time on its own timer.
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, Route

from benchmarks.receive.judge.score import FRAME, OUT_RATE, Heard
from benchmarks.receive.play.receivers import Collected
from tests.support.browser import chromium

FLAGS = (
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
)
_ADDRESS = "http://localhost/bench"
"""Never fetched. It makes a secure context, in which a page may read tracks."""
YOUNGEST_MS = 8.0
_QUESTIONS = 200


class Browser:
    """Chromium with the methods of the other receivers: `answer`, `begin`, `collect`, `close`."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        env = {name: value for name, value in os.environ.items() if not name.startswith("PULSE")}
        browser = self._stack.enter_context(chromium(*FLAGS, env={**env, "XDG_RUNTIME_DIR": "/nonexistent"}))
        self.version = browser.version
        self._page: Page = browser.new_page()
        self._page.route("**/*", _serve)
        self._page.goto(_ADDRESS)
        self._page.add_script_tag(content=Path(__file__).with_name("page.js").read_text())
        self._names: list[str] = []
        self._origin_ns = 0.0
        self.clock_error_ms = 0.0
        self._since = (0.0, 0.0)

    def call(self, method: str, *arguments: Any) -> Any:
        return getattr(self, method)(*arguments)

    def answer(self, offers: dict[str, str]) -> dict[str, str]:
        self._names = list(offers)
        return {name: self._page.evaluate("([n, s]) => answer(n, s)", [name, sdp]) for name, sdp in offers.items()}

    def begin(self) -> None:
        self._page.evaluate("begin()")
        self._since = _cpu_seconds(), time.monotonic()

    def collect(self) -> Collected:
        self._origin_ns, self.clock_error_ms = self._clock()
        share = (_cpu_seconds() - self._since[0]) / (time.monotonic() - self._since[1])
        return Collected({name: self._heard(name) for name in self._names}, share)

    def close(self) -> None:
        self._page.evaluate("close()")

    def end(self) -> None:
        self._stack.close()

    def _clock(self) -> tuple[float, float]:
        """Return our clock at the page's zero in ns, and its possible error in ms."""
        found = []
        for _ in range(_QUESTIONS):
            before = time.monotonic_ns()
            theirs_ms = self._page.evaluate("performance.now()")
            took = time.monotonic_ns() - before
            found.append((took / 2e6, before + took / 2 - theirs_ms * 1e6))
        error_ms, origin_ns = min(found)
        return origin_ns, error_ms

    def _heard(self, name: str) -> Heard:
        found = self._page.evaluate("n => collect(n)", name)
        if found["rate"] != OUT_RATE:
            raise RuntimeError(f"Chromium gave {found['rate']} Hz instead of {OUT_RATE}")
        samples = np.frombuffer(base64.b64decode(found["pcm"]), np.int16)
        counts = np.array(found["counts"])
        stamps = np.array(found["stamps"]) * 1e3 + self._origin_ns
        if not -1.0 < found["youngest"] < YOUNGEST_MS:
            raise RuntimeError(f"Chromium's time stamps are of another clock: {found['youngest']} ms old at best")
        whole = len(samples) // FRAME
        # where pieces are not 10 ms, a frame's stamp is that of the piece with its first sample
        piece = np.searchsorted(np.cumsum(counts), np.arange(whole) * FRAME, side="right")
        before, after = found["before"], found["after"]
        made = _grown(before, after, "concealedSamples") - _grown(before, after, "silentConcealedSamples")
        share = made / max(1.0, _grown(before, after, "totalSamplesReceived"))
        return Heard(samples[: whole * FRAME], stamps[piece].astype(np.int64), share)


def _grown(before: dict[str, Any], after: dict[str, Any], name: str) -> float:
    return float(after.get(name, 0)) - float(before.get(name, 0))


def _serve(route: Route) -> None:
    route.fulfill(body="<!doctype html><title>bench</title>", content_type="text/html")


def _cpu_seconds() -> float:
    """Return the CPU seconds of all Chromium processes below this one."""
    ticks = 0
    for pid in descendants(os.getpid()):
        try:
            line = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            continue
        name, fields = line[line.index("(") + 1 : line.rindex(")")], line.rpartition(")")[2].split()
        if name.startswith("chrom"):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def descendants(root: int) -> Iterator[int]:
    """Yield the processes below one."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    waiting = [root]
    while waiting:
        for child in parents.get(waiting.pop(), []):
            yield child
            waiting.append(child)
