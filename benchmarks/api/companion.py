"""A button in Bitfocus Companion, played: the built module in a process of its own, as Companion runs it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from common.files.paths import CHECKOUT
from tests.integrations.node_program import NodeProgram, node_program

FOLDER = CHECKOUT / "integrations" / "companion"
BUILT = FOLDER / "pkg" / "partyline-partyline"
BUTTON = "button"


class CompanionButton:
    """A button that mutes the talker of place 1, and is coloured while they are muted."""

    def __init__(self, connection: NodeProgram) -> None:
        self._connection = connection
        self._muted: bool | None = None
        connection.tell("place", BUTTON, "muted", {"talker": "1"})
        connection.tell("place", "here", "in_party", {"talker": "1"})
        self._here = False

    def press(self) -> int:
        """Press it. Return the monotonic nanoseconds of the press."""
        pressed = time.monotonic_ns()
        self._connection.tell("press", "mute", {"talker": "1", "mode": "toggle"})
        return pressed

    def shows_muted(self) -> bool | None:
        for said in self._connection.waiting():
            for feedback in said.get("updateFeedbackValues", {"values": ()})["values"]:
                if feedback["id"] == BUTTON:
                    self._muted = feedback["value"]
                else:
                    self._here = feedback["value"]
        return self._muted if self._here else None


def build() -> None:
    """Bundle the module from its sources."""
    subprocess.run(["npm", "run", "package"], cwd=FOLDER, check=True, timeout=120, stdout=subprocess.DEVNULL)


@contextmanager
def drive(origin: str, key: str, levels: str = "full") -> Iterator[NodeProgram]:
    """Yield a connection of the built module to the API at `origin`. `levels` is its setting."""
    at = urlsplit(origin)
    with node_program(
        FOLDER / "test" / "host" / "drive.js", BUILT, at.hostname, at.port, levels, key=key
    ) as connection:
        yield connection


@contextmanager
def companion_button(origin: str, key: str) -> Iterator[CompanionButton]:
    """Build the module, and yield a button of a connection to the API at `origin`."""
    build()
    with drive(origin, key) as connection:
        yield CompanionButton(connection)
