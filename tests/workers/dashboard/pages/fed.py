"""Pages in Chromium without a dashboard: their files come from disk, and the test feeds what the server would send.

A state of a page costs milliseconds so. What the server really sends is judged by the tests with a `Stage`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from playwright.sync_api import Browser, Page, Route

from common.basic.clock import boot_s
from common.config.tables import PsnSettings
from common.messages import (
    AuthState,
    Devices,
    Levels,
    Member,
    Message,
    MixerState,
    MixerTalker,
    OutputDevice,
    PartyState,
    Problem,
    Recording,
    Speaking,
    WorkerHealth,
)
from tests.workers.dashboard.stage import SIGNED_IN, WORKERS, Stage, member
from tests.workers.dashboard.window import DESKTOP, LIMIT_MS
from workers.dashboard.live.send_queue import SendQueue
from workers.dashboard.live.state_sockets import page_constants
from workers.dashboard.serve import site

ORIGIN = "http://127.0.0.1:1"
"""Nothing listens there: every request is answered from disk. It is a secure context."""
KEY = "a-key"
OTHERS = tuple(member(number) for number in range(1, 16))
_SOCKET = """
window.sockets = [];
window.WebSocket = class {
  static OPEN = 1;
  constructor(url) {
    this.url = url;
    this.readyState = 0;
    this.sent = [];
    window.sockets.push(this);
    queueMicrotask(() => {
      if (window.refuses) return this.onclose({ code: 1006 });
      this.readyState = 1;
      this.onopen();
    });
  }
  send(text) { this.sent.push(JSON.parse(text)); }
  close() {}
};
"""


class Fed:
    """One open page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def feed(self, *messages: Message, gone: Iterable[str] = (), bus: bool | None = None) -> None:
        """Send changes as the server does; `gone` are topics."""
        queue = SendQueue()
        for message in messages:
            queue.put_change(message.topic(), message)
        for topic in gone:
            queue.put_change(topic, None)
        if bus is not None:
            queue.put_bus(reachable=bus)
        self._send(queue.take(time.time(), boot_s()))

    def snapshot(self, *messages: Message, bus: bool = True) -> None:
        queue = SendQueue()
        topics = {message.topic(): message for message in messages}
        queue.put_snapshot(topics, page_constants(PsnSettings()), bus=bus)
        self._send(queue.take(time.time(), boot_s()))

    def people(self, *shown: Mapping[str, Any]) -> None:
        """Send what an overlay shows."""
        self._send(msgspec.json.encode({"people": shown}))

    def _send(self, frame: bytes | None) -> None:
        assert frame is not None
        self.page.evaluate("text => window.sockets.at(-1).onmessage({data: text})", frame.decode())

    def break_link(self) -> None:
        """Let the link break, and no new one come up until `mend_link`."""
        self.page.evaluate("window.refuses = true; window.sockets.at(-1).onclose({code: 1006})")

    def mend_link(self) -> None:
        self.page.evaluate("window.refuses = false")
        self.page.wait_for_function("window.sockets.at(-1).readyState === 1")

    def asked(self) -> list[tuple[str, dict[str, Any]]]:
        """Return what the page asked for, without what it asks by itself."""
        sent = self.page.evaluate("window.sockets.flatMap(socket => socket.sent)")
        return [(one["do"], one["fields"]) for one in sent if one["do"] != "ListProcesses"]


@contextmanager
def fed(  # how a browser shows it
    browser: Browser,
    path: str = "/",
    size: tuple[int, int] = DESKTOP,
    *,
    static: Path = site.STATIC,
    pages: Mapping[str, str] = site.PAGES,
    key: str = KEY,
    **context: Any,
) -> Iterator[Fed]:
    """Yield `path` in a window of its own; fail if its scripts did. `context` is for Playwright's `new_context`."""
    window = browser.new_context(viewport={"width": size[0], "height": size[1]}, **context)
    window.set_default_timeout(LIMIT_MS)

    def answer(route: Route) -> None:
        address = route.request.url.removeprefix(ORIGIN).partition("?")[0]
        file = static / (pages[address] if address in pages else address.removeprefix("/static/"))
        if file.is_file():
            route.fulfill(body=file.read_bytes(), content_type=f"{site.TYPES[file.suffix]}; charset=utf-8")
        else:
            error = site.error_page(404, "There is no such page.", site.OPEN_BY)
            route.fulfill(status=404, body=error.text or "", content_type="text/html; charset=utf-8")

    window.route("**/*", answer)
    window.add_init_script(_SOCKET)
    page = window.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    given = f"{'&' if '?' in path else '?'}key={key}" if key else ""
    page.goto(ORIGIN + path + given)
    if key and path in ("/", "/dock"):
        page.wait_for_function("window.sockets.at(-1)?.readyState === 1")
    try:
        yield Fed(page)
    finally:
        window.close()
    assert not faults


# --- what the workers have said ----------------------------------------------------------------------


def healthy(**states: str) -> list[Message]:
    """Return heartbeats, devices and an idle recorder; `states` are those of workers that are not well."""
    beats: list[Message] = [
        WorkerHealth(
            worker=worker, pid=1, boot="b", state=states.get(worker, "running"), started_at=time.time() - 4000,
            beat_s=boot_s() + 3600, up_s=4000.0, rss_bytes=48_000_000, cpu_seconds=60.0,
        )
        for worker in WORKERS
    ]  # fmt: skip
    names = ("MacBook Speakers", "BlackHole 2ch")
    devices = tuple(OutputDevice(name=name, channels=2, is_default=name == names[0]) for name in names)
    return [*beats, Devices(devices=devices, current=names[0]), Recording(state="idle")]


def signed_in(**more: Any) -> AuthState:
    return AuthState(**{**SIGNED_IN, **more})


def signed_out() -> AuthState:
    return AuthState(state="signed_out", realm="playstation")


def no_party() -> PartyState:
    return PartyState(phase="none")


def party(
    others: tuple[Member, ...] = OTHERS, *, mix: Mapping[str, Any] | None = None, **talkers: Any
) -> list[Message]:
    """Return a party with `others`, all connected and in the mix. `talkers`: fields of the mixer by peer key."""
    us = member(0)
    return [
        PartyState(
            phase="joined", session_id="s-1", name="Friday raid", me=us.peer, members=(us, *others),
            joined_at=time.time() - 4000, joined_s=boot_s() - 4000,
        ),
        *map(Stage.peer, others),
        MixerState(
            sink="device", wanted_sink="device", target="MacBook Speakers",
            where="to the sound device “MacBook Speakers”", latency_ms=12.0,
            talkers=tuple(
                MixerTalker(peer=who.peer, frames=4000, queue_ms=20.0, age_ms=52.0, **talkers.get(who.peer, {}))
                for who in others
            ),
            **(mix or {}),
        ),
    ]  # fmt: skip


def said(who: Member, ago_s: float = 0.0, *, speaking: bool = False) -> Speaking:
    return Speaking(
        account_id=who.account_id, platform=who.platform, online_id=who.online_id,
        speaking=speaking, at=time.time() - ago_s,
    )  # fmt: skip


def busy_party() -> list[Message]:
    """Return sixteen people: three speak, some spoke, one is muted, one is solo-less, one is badly connected."""
    muted = {OTHERS[3].peer: {"muted": True, "gain_db": -6.0}, OTHERS[5].peer: {"gain_db": 9.0}}
    spoke = [said(who, 7.0 * index**2) for index, who in enumerate(OTHERS[3:12], start=1)]
    peaks = {who.peer: -8.0 - 5 * index if index < 3 else -120.0 for index, who in enumerate(OTHERS)}
    return [
        *healthy(), signed_in(), *party(**muted), *spoke,
        *(said(who, speaking=True) for who in OTHERS[:3]),
        Stage.peer(OTHERS[7], packets=900, frames=4000, lost=200, concealed_frames=500),
        Stage.peer(OTHERS[9], connection="lost"),
        Levels(talkers=peaks, mix=-7.0),
    ]  # fmt: skip


def problem(severity: Any = "error", code: str = "audio.no-device") -> Problem:
    return Problem(
        worker=code.partition(".")[0], code=code, severity=severity, message="There is no sound device.",
        at=time.time() - 30, count=3, remedy="Plug one in, or choose another one under `Sound`.",
    )  # fmt: skip
