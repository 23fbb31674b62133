"""What the operating system says of its sound devices, asked by a thread of its own.

A question may block for seconds while coreaudiod starts a Bluetooth device, or for ever if it hangs. The event loop
only reads the last `Snapshot`, which has an age.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from workers.audio.system import coreaudio, os_audio

ASK_S = 0.25
"""Seconds between two questions. Chosen so that a new device or default is noticed soon after."""
SILENT_S = 5.0
"""A snapshot of this age is too old to go by. Chosen to be longer than a Bluetooth device takes to start."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the system said."""

    asked_ns: int
    """Monotonic time at which the questions began, 0 before the first answer."""
    fingerprint: tuple[str, ...] = ()
    """What changes when devices or sound servers come or go, or the default changes."""
    default: str = ""
    """Id of the default output if streams do not follow it by themselves, else ""."""
    lost: int = 0
    """Id of the watched device, if it went away."""


class DeviceStates(Protocol):
    """What a device's sink needs to know."""

    def watch(self, device: int) -> None:
        """Watch whether the device with this id is there. 0 means none."""

    def has_lost(self, device: int, since_ns: int) -> bool:
        """Return whether the system said after `since_ns` that the watched device is gone."""


class SoundSystem:
    """The thread, and its last snapshot. Implements `DeviceStates`."""

    def __init__(self, ask: Callable[[int], Snapshot] | None = None) -> None:
        """`ask` is for tests."""
        self._ask = ask or ask_system
        self._watched = 0
        self._stopping = threading.Event()
        self._began_ns = 0
        self.snapshot = Snapshot(0)
        self.fault: BaseException | None = None

    def start(self) -> None:
        self._began_ns = time.monotonic_ns()
        threading.Thread(target=self._run, name="sound system", daemon=True).start()

    def stop(self) -> None:
        """End the thread after its present question. A daemon's question keeps no process alive."""
        self._stopping.set()

    def watch(self, device: int) -> None:
        self._watched = device

    def has_lost(self, device: int, since_ns: int) -> bool:
        snapshot = self.snapshot
        return bool(device) and snapshot.lost == device and snapshot.asked_ns > since_ns

    @property
    def age_s(self) -> float:
        """Seconds since the last answer was asked for, or since the start if there was none."""
        return (time.monotonic_ns() - (self.snapshot.asked_ns or self._began_ns)) / 1e9

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self.snapshot = self._ask(self._watched)
                self._stopping.wait(ASK_S)
        except BaseException as error:  # noqa: BLE001  # the worker reads it and ends
            self.fault = error


def ask_system(watched: int) -> Snapshot:
    """Ask the system. May block. `watched` is the id of a device, or 0."""
    asked_ns = time.monotonic_ns()
    if not os_audio.IS_MAC:
        return Snapshot(asked_ns, _linux_fingerprint())
    lost = watched if watched and coreaudio.is_gone(watched) else 0
    return Snapshot(asked_ns, coreaudio.fingerprint(), str(coreaudio.default_output() or ""), lost)


def _linux_fingerprint() -> tuple[str, ...]:
    """Return the sound cards and the sockets of sound servers, without PortAudio.

    A scan with PortAudio leaks some 10 KB each time (its ALSA side) and ends playback, so it is not made each second.
    When a server's default changes, the server moves the stream by itself.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    pulse = os.environ.get("PULSE_RUNTIME_PATH") or f"{runtime}/pulse"
    server = os.environ.get("PULSE_SERVER", "").removeprefix("unix:")
    places = ["/dev/snd", f"{pulse}/native", f"{runtime}/pipewire-0", *([server] if server.startswith("/") else [])]
    return tuple(found for place in places if (found := _file_fingerprint(Path(place))))


def _file_fingerprint(place: Path) -> str:
    try:
        return f"{place} {place.stat().st_ino} {place.stat().st_mtime_ns}"
    except OSError:
        return ""
