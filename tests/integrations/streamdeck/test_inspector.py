"""The settings of a key, in a real browser, with a played Stream Deck app at the other end of its WebSocket."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from benchmarks.api.stream_deck import FOLDER, PLUGIN
from tests.support.browser import chromium
from tests.support.waiting import eventually

PAGE = (FOLDER / f"{PLUGIN}.sdPlugin" / "ui" / "inspector.html").as_uri()
PEOPLE = [
    {"place": 1, "accountId": "1001", "name": "Bo-Streams", "yourself": False},
    {"place": 2, "accountId": "1002", "name": "Cleo_99", "yourself": True},
]


class App:
    """The app's side of the inspector."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.socket: ServerConnection | None = None

    def serve(self, socket: ServerConnection) -> None:
        self.socket = socket
        try:
            for text in socket:
                self.said.append(json.loads(text))
        except ConnectionClosed:
            return

    def tell(self, event: str, payload: dict[str, Any]) -> None:
        assert self.socket is not None
        self.socket.send(json.dumps({"event": event, "payload": payload}))

    def await_said(self, event: str) -> dict[str, Any]:
        def last() -> dict[str, Any] | None:
            return next((one for one in reversed(self.said) if one["event"] == event), None)

        return eventually(last, f"the inspector says {event}")


@contextmanager
def inspected(action: str, settings: dict[str, Any]) -> Iterator[tuple[App, Page]]:
    app = App()
    with serve(app.serve, "127.0.0.1", 0) as server, chromium() as browser:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        page = browser.new_page()
        page.goto(PAGE)
        info = json.dumps({"action": f"{PLUGIN}.{action}", "payload": {"settings": settings}})
        port = server.socket.getsockname()[1]
        words = [str(port), "inspector-1", "registerPropertyInspector", "{}", info]
        page.evaluate("words => connectElgatoStreamDeckSocket(...words)", words)
        yield app, page
        page.close()
        server.shutdown()
        thread.join(30)


def test_a_person_and_the_key_are_chosen_and_what_is_wrong_is_said() -> None:
    with inspected("gain-up", {"by": "account", "accountId": "77", "name": "Zoe"}) as (app, page):
        assert app.await_said("registerPropertyInspector")["uuid"] == "inspector-1"
        app.await_said("getGlobalSettings")
        app.tell("didReceiveGlobalSettings", {"settings": {"url": "http://studio:8770", "key": "pl.secret"}})
        app.tell(
            "sendToPropertyInspector",
            {"phase": "waiting", "message": "This key is not valid.", "remedy": "Make one.", "people": PEOPLE},
        )
        expect(page.get_by_role("status")).to_have_text("This key is not valid. Make one.")
        who = page.get_by_label("Person")
        expect(who).to_have_value("account 77")
        texts = who.locator("option").all_inner_texts()
        assert texts[0] == "No. 1 in the party: Bo-Streams"
        assert texts[-3:] == ["Always Bo-Streams", "Always Cleo_99 (you)", "Always Zoe (not here)"]
        expect(page.get_by_label("Seconds")).to_be_hidden()

        who.select_option("account 1002")
        assert app.await_said("setSettings")["payload"] == {"by": "account", "accountId": "1002", "name": "Cleo_99"}
        page.get_by_label("Step in dB").fill("6")
        page.get_by_label("Step in dB").blur()
        eventually(lambda: app.await_said("setSettings")["payload"].get("step") == 6, "the step is kept")

        expect(page.get_by_label("Address")).to_have_value("http://studio:8770")
        assert page.get_by_label("API key").get_attribute("type") == "password"
        page.get_by_label("API key").fill(" pl.other ")
        assert app.await_said("setGlobalSettings")["payload"] == {"url": "http://studio:8770", "key": "pl.other"}
