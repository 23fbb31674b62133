"""Pages in Chromium without a pipeline: the test feeds what the bus would have.

A state of a page costs milliseconds so. What the server really sends is judged by the tests with a `Stage`.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler
from playwright.sync_api import Browser, Page

from common.api import PATH
from common.api.frames import ErrorAnswer, Event, Hello, StateSnapshot
from common.api.schema import asyncapi, openapi
from common.basic.clock import boot_s
from common.config.pages import Rights
from common.config.tables import PsnSettings
from common.errors import ErrorReply
from common.messages import (
    AuthState,
    ClipState,
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
from tests.support.processes import free_port
from tests.support.waiting import eventually
from tests.workers.dashboard.stage import SIGNED_IN, WORKERS, Stage, member
from tests.workers.dashboard.window import DESKTOP, LIMIT_MS
from workers.dashboard.live.people import OverlayPerson
from workers.dashboard.live.send_queue import SendQueue
from workers.dashboard.live.state_sockets import page_constants
from workers.dashboard.serve import site
from workers.dashboard.serve.host_check import HostCheck

KEY = "a-key"
STATIC = site.STATIC
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

    def open(self, url: str) -> None:
        self.page.goto(url)
        if f"key={KEY}" in url:
            self.await_link()

    def feed(self, *messages: Message, gone: Iterable[str] = (), bus: bool | None = None) -> None:
        """Send changes as the server does; `gone` are topics."""
        self._send(changes(*messages, gone=gone, bus=bus))

    def snapshot(self, *messages: Message, bus: bool = True) -> None:
        queue = SendQueue()
        topics = {message.topic(): message for message in messages}
        queue.put_snapshot(topics, page_constants(PsnSettings()), bus=bus)
        self._send(queue.take(time.time(), boot_s()))

    def people(self, *shown: OverlayPerson) -> None:
        """Send what an overlay shows, and its set-up."""
        self._send(msgspec.json.encode({"people": shown, "key": "a-reading-key"}), "/people")

    def event(self, topic: str, message: Message) -> None:
        """Send one change as the API does."""
        self._send(msgspec.json.encode(Event(number=1, topic=topic, message=message)), "/api/v1/events")

    def _send(self, frame: bytes | None, path: str = "/live") -> None:
        """Send it by the page's link of that path, or by its only one."""
        assert frame is not None
        self.page.evaluate(
            """([text, path]) => {
                const links = window.sockets.filter((socket) => socket.url.includes(path));
                (links.at(-1) ?? window.sockets.at(-1)).onmessage({ data: text });
            }""",
            [frame.decode(), path],
        )

    def answer(self, ok: object = None, *, to: str = "", error: str = "") -> None:
        """Answer the last request `to` (any, if it is empty) with `ok`, or refuse it."""
        sent = "window.sockets.flatMap((socket) => socket.sent)"
        last = f"name => {sent}.findLast(({{do: asked}}) => !name || asked === name)?.id"
        eventually(lambda: self.page.evaluate(last, to), f"the page asks for {to or 'something'}")
        number = self.page.evaluate(last, to)
        refusal = {"message": error, "remedy": "Ask for a new link.", "code": "x"}
        reply = {"id": number, "error": refusal} if error else {"id": number, "ok": ok}
        queue = SendQueue()
        queue.put_answer(reply)
        self._send(queue.take(time.time(), boot_s()))

    def break_link(self) -> None:
        """Let the link break, and no new one come up until `mend_link`."""
        self.page.evaluate(
            """window.refuses = true;
            for (const socket of window.sockets.filter(({ readyState }) => readyState === 1)) {
              socket.readyState = 3;
              socket.onclose({ code: 1006 });
            }"""
        )

    def mend_link(self) -> None:
        self.page.evaluate("window.refuses = false")
        self.await_link()

    def await_link(self) -> None:
        eventually(lambda: self.page.evaluate("window.sockets.at(-1)?.readyState === 1"), "the page's link is up")

    def calm(self) -> None:
        """Close dialogs and toasts, and let the link be up, so that another state can be fed."""
        self.page.evaluate("document.querySelectorAll('dialog[open]').forEach(dialog => dialog.close())")
        self.page.evaluate("document.querySelectorAll('.toast').forEach(toast => toast.remove())")
        if self.page.evaluate("Boolean(window.refuses)"):
            self.mend_link()

    def asked(self) -> list[tuple[str, dict[str, Any]]]:
        """Return what the page asked for, without what it asks by itself."""
        sent = self.page.evaluate("window.sockets.flatMap(socket => socket.sent)")
        return [(one["do"], one["fields"]) for one in sent if one["do"] != "ListProcesses"]


def changes(*messages: Message, gone: Iterable[str] = (), bus: bool | None = None) -> bytes:
    """Return the frame in which the server sends these."""
    queue = SendQueue()
    for message in messages:
        queue.put_change(message.topic(), message)
    for topic in gone:
        queue.put_change(topic, None)
    if bus is not None:
        queue.put_bus(reachable=bus)
    frame = queue.take(time.time(), boot_s())
    assert frame is not None, "nothing changed"
    return frame


def _api() -> list[web.RouteDef]:
    """Return the part of the API that its page needs. Its key is `KEY`."""

    def told(value: object) -> Handler:
        async def tell(request: web.Request) -> web.Response:
            refused = not request.path.endswith(".json") and request.headers["Authorization"] != f"Bearer {KEY}"
            error = ErrorReply(code="api.no-key", message="This key is not valid.", remedy="Make one.")
            body = msgspec.json.encode(ErrorAnswer(error=error) if refused else value)
            return web.Response(body=body, status=401 if refused else 200, content_type="application/json")

        return tell

    hello = Hello(right="control", also=("LeaveParty",), run="r", number=1)
    snapshot = StateSnapshot(
        id=0, run="r", number=1, topics={message.topic(): message for message in party(OTHERS[:3])}
    )
    documents = {"/openapi.json": openapi(), "/asyncapi.json": asyncapi(), "": hello, "/state": snapshot}
    return [web.get(PATH + path, told(value)) for path, value in documents.items()]


@contextmanager
def served(files: Path = STATIC) -> Iterator[str]:
    """Serve the pages as the dashboard does, headers and refusals included, and yield their origin."""
    port = free_port()
    loop = asyncio.new_event_loop()

    async def open_() -> web.AppRunner:
        def rights(key: str) -> Rights:
            return "full" if key == KEY else ""

        app = web.Application(middlewares=[site.checked(HostCheck(port, ()))])
        app.add_routes([*site.pages(rights, lambda _: None, files), *_api()])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        return runner

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(open_(), loop).result(20)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@contextmanager
def fed(browser: Browser, url: str, size: tuple[int, int] = DESKTOP, **context: Any) -> Iterator[Fed]:
    """Yield `url` in a window of its own; fail if its scripts did. `context` is for Playwright's `new_context`."""
    window = browser.new_context(viewport={"width": size[0], "height": size[1]}, **context)
    window.set_default_timeout(LIMIT_MS)
    window.add_init_script(_SOCKET)
    page = window.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    shown = Fed(page)
    shown.open(url)
    try:
        yield shown
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
    return [*beats, Devices(devices=devices, current=names[0]), Recording(state="idle"), ClipState(seconds=30)]


def signed_in(**more: Any) -> AuthState:
    return AuthState(**{**SIGNED_IN, **more})


def signed_out(realm: Any = "playstation") -> AuthState:
    return AuthState(state="signed_out", realm=realm)


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


def busy_party(others: tuple[Member, ...] = OTHERS) -> list[Message]:
    """Return people in every condition: some speak, some spoke, one is muted, one breaks up, one is not connected."""
    muted = {OTHERS[3].peer: {"muted": True, "gain_db": -6.0}, OTHERS[5].peer: {"gain_db": 9.0}}
    spoke = [said(who, 7.0 * index**2) for index, who in enumerate(others[3:12], start=1)]
    peaks = {who.peer: -8.0 - 5 * index if index < 3 else -120.0 for index, who in enumerate(others)}
    return [
        *healthy(), signed_in(), *party(others, **muted), *spoke,
        *(said(who, speaking=True) for who in others[:3]),
        *(Stage.peer(who, packets=900, frames=4000, lost=200, concealed_frames=500) for who in others[7:8]),
        *(Stage.peer(who, connection="lost") for who in others[4:5]),
        Levels(talkers=peaks, mix=-7.0),
    ]  # fmt: skip


def problem(severity: Any = "error", code: str = "audio.no-device") -> Problem:
    return Problem(
        worker=code.partition(".")[0], code=code, severity=severity, message="There is no sound device.",
        at=time.time() - 30, count=3, remedy="Plug one in, or choose another one under `Sound`.",
    )  # fmt: skip
