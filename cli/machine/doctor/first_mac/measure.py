"""Measures a `FirstMacRun`. Each measurement has its limit, and one that fails is told as such."""

from __future__ import annotations

import json
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec
import psutil

from cli.machine.doctor.first_mac.measured import FirstMacRun, Stream, Ticks, latencies
from cli.machine.doctor.probes import keychain as at_keychain
from cli.machine.doctor.probes import machine as at_machine
from cli.machine.doctor.probes import processes as at_processes
from cli.machine.doctor.probes import sound as at_sound
from cli.machine.doctor.probes.network import udp
from cli.machine.doctor.surroundings import Surroundings, run_program

T = TypeVar("T")
SILENCE_S = 1.0
"""Length of a stream, in which the smallest buffer gives thousands of callbacks and the usual one a hundred."""
AWAKE_S = 6.0
"""Length on the default output, long enough to look in its middle who keeps the machine awake."""
OPEN_S = 15.0
"""Limit of opening, playing and closing. Bluetooth takes seconds, and a dead device forever."""
TICK_S, TICKS = 0.010, 300
_CORE_AUDIO = """
import json
from workers.audio.system import coreaudio
print(json.dumps([str(one) for one in (*coreaudio.fingerprint(), coreaudio.default_output())]))
"""
"""In a process of its own, as it calls into CoreAudio."""


Told = Callable[[str], None]


class _Attempts:
    """Runs measurements, and keeps why one failed."""

    def __init__(self, say: Told) -> None:
        self.faults: dict[str, str] = {}
        self._say = say

    def __call__(self, name: str, job: Callable[[], T]) -> T | None:
        self._say(name)
        try:
            return job()
        except Exception as error:  # noqa: BLE001  # a measurement that fails is a finding
            self.faults[name] = f"{type(error).__name__}: {error}"
            return None


def measure(around: Surroundings, say: Told) -> FirstMacRun:
    """Return everything that can be measured now. `say` is told what is being done."""
    tried = _Attempts(say)
    system = tried("System", lambda: at_machine.system(around))
    before = tried("Power", lambda: _holders(around))
    streams, during = tried("Outputs", lambda: _streams(around)) or ((), {})
    health = tried("Pipeline", lambda: at_processes.pipeline(around).facts) or {}
    return FirstMacRun(
        at=time.time(),
        system=f"{system.name} {system.version}" if system else "",
        started_from=tried("Programs above", _above) or (),
        over_ssh="SSH_CONNECTION" in around.environ,
        streams=streams,
        holders_before=before or {},
        holders_in_silence=during,
        ticks=tried("Ticks", lateness),
        media_tick_late_ms=health.get("media", {}).get("tick_late_p99_ms", ""),
        keychain=tried("Keychain", lambda: _builtins(at_keychain.keychain(around))) or {},
        lan=(tried("Local network", lambda: _builtins(udp.lan(around))) or {}) if not around.offline else {},
        slept_s=round(time.clock_gettime(time.CLOCK_MONOTONIC) - time.monotonic(), 1),
        host_names=tried("Host name", lambda: _host_names(around)) or {},
        core_audio=tried("CoreAudio", lambda: _core_audio(around)) or (),
        audio_facts=health.get("audio", {}),
        faults=tried.faults,
    )


def _builtins(evidence: object) -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads(msgspec.json.encode(evidence))
    return found


def _holders(around: Surroundings) -> Mapping[str, tuple[str, ...]]:
    return at_machine.power(around).holders if around.is_mac else {}


def _streams(around: Surroundings) -> tuple[tuple[Stream, ...], Mapping[str, tuple[str, ...]]]:
    """Play silence on every output, and look meanwhile who keeps the machine awake."""
    found: list[Stream] = []
    during: dict[str, tuple[str, ...]] = {}
    for device in at_sound.sound(around).devices:
        for asked_ms in latencies(around.settings.audio.latency_ms, device.low_latency_ms):
            looks = device.is_default and around.is_mac and not during
            words = (str(device.number), str(asked_ms), str(AWAKE_S if looks else SILENCE_S))
            with ThreadPoolExecutor(1) as pool:
                playing = pool.submit(around.run_python, "cli.machine.doctor.children.silence", *words, wait_s=OPEN_S)
                if looks:
                    time.sleep(AWAKE_S / 2)
                    during = dict(_holders(around))
                try:
                    result = playing.result()
                except Exception as error:  # noqa: BLE001  # one device that hangs is a finding, and not the end
                    result = {"fault": f"{type(error).__name__}: {error}"}
            known = {"device": device.name, "low_latency_ms": device.low_latency_ms, "asked_ms": asked_ms}
            found.append(msgspec.convert({**known, **result}, Stream))
    return tuple(found), during


def lateness() -> Ticks:
    """Sleep until each of `TICKS` moments, in a thread of its own as media does."""
    late: list[float] = []

    def tick() -> None:
        due = time.monotonic()
        for _ in range(TICKS):
            due += TICK_S
            time.sleep(max(0.0, due - time.monotonic()))
            late.append(max(0.0, time.monotonic() - due) * 1000)

    thread = threading.Thread(target=tick, name="ticks", daemon=True)
    thread.start()
    thread.join()
    marks = statistics.quantiles(late, n=100)
    return Ticks(p50_ms=round(marks[49], 2), p99_ms=round(marks[98], 2), worst_ms=round(max(late), 2))


def _above() -> tuple[str, ...]:
    return tuple(process.name() for process in psutil.Process().parents())


def _host_names(around: Surroundings) -> Mapping[str, str]:
    bonjour = around.run("scutil", "--get", "LocalHostName").out.strip() if around.is_mac else ""
    return {"gethostname": socket.gethostname(), "bonjour": bonjour}


def _core_audio(around: Surroundings) -> tuple[str, ...]:
    ran = run_program([sys.executable, "-c", _CORE_AUDIO], dict(around.environ), OPEN_S)
    if ran.code:
        raise OSError((ran.err.strip().splitlines() or [f"exit code {ran.code}"])[-1])
    return tuple(json.loads(ran.out))
