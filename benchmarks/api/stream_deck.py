"""Elgato's Stream Deck app, played: it starts our plugin as the app does, presses keys, and keeps what is drawn.

Messages are those of Elgato's plugin reference (https://docs.elgato.com/streamdeck/sdk/references/websocket/plugin/).
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from common.files.paths import CHECKOUT

PLUGIN = "io.partyline-psn.streamdeck"
FOLDER = CHECKOUT / "integrations" / "streamdeck"
REGISTRATION = "5C0FFEE0CAFE5C0FFEE0CAFE"
"""The id under which this app knows the plugin. It is opaque to the plugin."""
DEVICE = "device-1"
WAIT_S = 30.0


class PluginHost:
    """What starts the plugin and talks with it. `said` has all that the plugin sent."""

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        """`folder` is an installed plugin, `settings` are the global settings that the app keeps for it."""
        self.folder = folder
        self.settings = settings
        self.said: list[dict[str, Any]] = []
        self.latest: dict[tuple[str, str], dict[str, Any]] = {}
        """Key and event → the last such message."""
        self._heard = threading.Condition()
        self._socket: ServerConnection | None = None
        self._server: Server = serve(self._serve, "127.0.0.1", 0)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self._process = self._launch(self._server.socket.getsockname()[1])
        self.wait(lambda: self._socket, "the plugin registers")

    def _launch(self, port: int) -> subprocess.Popen[bytes]:
        manifest = json.loads((self.folder / "manifest.json").read_text("utf-8"))
        info = {
            "application": {
                "font": "Arial", "language": "en", "platform": "mac", "platformVersion": "15", "version": "7.0.0",
            },
            "plugin": {"uuid": PLUGIN, "version": manifest["Version"]},
            "devicePixelRatio": 2,
            "colors": {},
            "devices": [{"id": DEVICE, "name": "Stream Deck +", "size": {"columns": 4, "rows": 2}, "type": 7}],
        }  # fmt: skip
        words = ("-port", str(port), "-pluginUUID", REGISTRATION, "-registerEvent", "registerPlugin")
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PARTYLINE_", "NODE_"))}
        with (self.folder / "output.txt").open("wb") as output:
            return subprocess.Popen(
                ["node", self.folder / manifest["CodePath"], *words, "-info", json.dumps(info)],
                cwd=self.folder, env=env, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        """Process id of the plugin."""
        return self._process.pid

    def close(self) -> None:
        self._process.kill()
        self._process.wait(30)
        self._server.shutdown()
        self._thread.join(30)

    def wait(self, condition: Callable[[], Any], what: str) -> Any:
        """Return the first truthy value of `condition`, asked after each message, and often in between."""
        until = time.monotonic() + WAIT_S
        with self._heard:
            while not (value := condition()):
                self._heard.wait(0.02)
                if time.monotonic() > until:
                    raise TimeoutError(f"not within {WAIT_S:g} s: {what}; the plugin said: {self.output[-2000:]}")
        return value

    def sent(self, context: str, event: str) -> list[dict[str, Any]]:
        return [one for one in self.said if one["event"] == event and one.get("context") == context]

    @property
    def output(self) -> str:
        """All that the plugin wrote: its standard output and its logs."""
        files = [self.folder / "output.txt", *self.folder.glob("logs/*")]
        return "".join(file.read_text("utf-8", "replace") for file in files if file.is_file())

    # --- inside ------------------------------------------------------------------------------------

    def write(self, message: dict[str, Any]) -> None:
        assert self._socket is not None
        self._socket.send(json.dumps(message))

    def give_settings(self, **more: Any) -> None:
        self.write({"event": "didReceiveGlobalSettings", "payload": {"settings": self.settings}, **more})

    def _serve(self, socket: ServerConnection) -> None:
        try:
            for text in socket:
                self._hear(socket, json.loads(text))
        except ConnectionClosed:
            return

    def _hear(self, socket: ServerConnection, message: dict[str, Any]) -> None:
        with self._heard:
            if message["event"] == "registerPlugin" and message["uuid"] == REGISTRATION:
                self._socket = socket
            self.said.append(message)
            self.latest[message.get("context", ""), message["event"]] = message
            self._heard.notify_all()
        if message["event"] == "getGlobalSettings":
            self.give_settings(**({"id": message["id"]} if "id" in message else {}))


class StreamDeckApp(PluginHost):
    """The app as its user sees it: keys and dials that are pressed, and what they show."""

    # --- what the user does ------------------------------------------------------------------------

    def appear(self, context: str, action: str, *, dial: bool = False, **settings: Any) -> None:
        self._send("willAppear", context, action, controller="Encoder" if dial else "Keypad", settings=settings)

    def disappear(self, context: str, action: str) -> None:
        self._send("willDisappear", context, action)

    def configure(self, context: str, action: str, **settings: Any) -> None:
        """Let the inspector have changed the settings of a key."""
        self._send("didReceiveSettings", context, action, settings=settings)

    def press(self, context: str, action: str, **more: Any) -> int:
        """Press and release a key. Return the monotonic nanoseconds of the press."""
        pressed = time.monotonic_ns()
        self._send("keyDown", context, action, **more)
        self._send("keyUp", context, action, **more)
        return pressed

    def dial(self, context: str, action: str, event: str, **more: Any) -> None:
        self._send(event, context, action, controller="Encoder", **more)

    def share(self, **settings: Any) -> None:
        """Let the inspector have changed the global settings."""
        self.settings = settings
        self.give_settings()

    def inspect(self, context: str, action: str) -> None:
        self._send("propertyInspectorDidAppear", context, action)

    # --- what the plugin shows ---------------------------------------------------------------------

    def words(self, context: str) -> list[str]:
        """Return the words of the picture that a key shows now."""
        drawn = self.latest.get((context, "setImage"))
        return re.findall(r"<text[^>]*>([^<]*)</text>", picture(drawn["payload"]["image"])) if drawn else []

    def state(self, context: str) -> int | None:
        told = self.latest.get((context, "setState"))
        return told["payload"]["state"] if told else None

    def feedback(self, context: str) -> dict[str, Any]:
        told = self.latest.get((context, "setFeedback"))
        return dict(told["payload"]) if told else {}

    # --- inside ------------------------------------------------------------------------------------

    def _send(self, event: str, context: str, action: str, *, controller: str = "Keypad", **payload: Any) -> None:
        body = {
            "settings": {},
            "coordinates": {"column": 0, "row": 0},
            "controller": controller,
            "isInMultiAction": False,
            "state": 0,
            **payload,
        }
        self.write({
            "event": event, "action": f"{PLUGIN}.{action}", "context": context, "device": DEVICE, "payload": body,
        })  # fmt: skip


def picture(image: str) -> str:
    """Return the SVG of a data address."""
    head, _, body = image.partition(",")
    return base64.b64decode(body).decode() if head.endswith(";base64") else unquote(body)


@contextmanager
def stream_deck(parent: Path, **settings: Any) -> Iterator[StreamDeckApp]:
    """Yield the app with the plugin, built from its sources, installed below `parent`."""
    folder = parent / f"{PLUGIN}.sdPlugin"
    shutil.copytree(FOLDER / folder.name, folder, ignore=shutil.ignore_patterns("bin", "logs"))
    subprocess.run(["node", FOLDER / "scripts" / "build.js", folder], check=True, timeout=120)
    app = StreamDeckApp(folder, settings)
    try:
        yield app
    finally:
        app.close()
