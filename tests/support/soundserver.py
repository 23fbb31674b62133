"""A real PulseAudio with one null sink, and a recorder of what reaches that sink.

::

    with SoundServer() as server:
        worker = subprocess.Popen(..., env={**os.environ, **server.env})
        with server.record() as recorder:
            ...
        recording = recorder.recording()

Every server lives in a short temporary folder of its own; works as root and without dbus. The recorder's
pipe is drained all the time by a thread of its own. Nothing is skipped silently: without pulseaudio there is a
sentence that says what to install.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np
from numpy.typing import NDArray

from tests.support.mac.only_linux import needs_linux

RATE = 48_000
SINK = "partyline_test"
START_S = 20.0
"""A loaded machine may take seconds to start a sound server."""

_ALSA_CHANNELS = (
    *("front-left", "front-right", "rear-left", "rear-right", "front-center", "lfe", "side-left", "side-right"),
)

# norewinds: without it a stream may begin with up to 2 s of silence
_MODULES = """\
load-module module-native-protocol-unix auth-anonymous=1 socket={folder}/pulse/native
load-module module-null-sink {null_sink}
set-default-sink {sink}
set-default-source {sink}.monitor
"""
_NULL_SINK = (
    f"sink_name={SINK} sink_properties=device.description={SINK} rate={RATE} channels=2 format=s16le norewinds=1"
)


class SoundServerError(RuntimeError):
    """The sound server cannot be had: a sentence that says why."""


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SoundServerError(
            f"{name} is not installed; `make setup-test` installs it (pulseaudio, pulseaudio-utils)."
        )
    return found


def _channel_map(channels: int) -> str:
    """Return PulseAudio's names for the channels as ALSA orders them: it goes by names, not by numbers."""
    return ",".join([*_ALSA_CHANNELS, *(f"aux{number}" for number in range(32))][:channels])


class SoundServer:
    """One PulseAudio. `start` and `stop` may be called again and again: the address stays the same."""

    def __init__(self) -> None:
        needs_linux("PortAudio on a Mac knows CoreAudio only, and no PulseAudio.")
        self.folder = Path(tempfile.mkdtemp(prefix="plsnd-", dir="/tmp"))
        self.env = {
            "XDG_RUNTIME_DIR": str(self.folder),
            "PULSE_RUNTIME_PATH": str(self.folder / "pulse"),
            "PULSE_SERVER": f"unix:{self.folder}/pulse/native",
            "PULSE_STATE_PATH": str(self.folder / "state"),
            "PULSE_COOKIE": str(self.folder / "cookie"),
            # a client must not start a server of its own where the test has taken this one away
            "PULSE_CLIENTCONFIG": str(self.folder / "client.conf"),
        }
        for name in ("pulse", "state"):
            (self.folder / name).mkdir(mode=0o700)
        (self.folder / "client.conf").write_text("autospawn = no\n")
        script = _MODULES.format(folder=self.folder, null_sink=_NULL_SINK, sink=SINK)
        (self.folder / "pulse.pa").write_text(script)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def environment(self) -> dict[str, str]:
        """Return the whole environment for a process that is to play into this server."""
        return {**os.environ, **self.env}

    def start(self) -> None:
        """Start the server and wait until its sink is there; raises `SoundServerError`."""
        program = _program("pulseaudio")
        with contextlib.suppress(FileNotFoundError):
            (self.folder / "pulse" / "native").unlink()
        log = (self.folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [
                    *(program, "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"),
                    *("--log-target=stderr", "-F", str(self.folder / "pulse.pa")),
                ],
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + START_S
        while not self._has_sink():
            if self._process.poll() is not None or time.monotonic() > end:
                tail = (self.folder / "log").read_text(errors="replace")[-2000:]
                raise SoundServerError(f"pulseaudio did not start; its last words:\n{tail}")
            time.sleep(0.02)

    def _has_sink(self) -> bool:
        done = self._pactl("list", "short", "sinks")
        return done.returncode == 0 and SINK in done.stdout

    def _pactl(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [_program("pactl"), *words], env=self.environment(), capture_output=True, text=True, timeout=10, check=False
        )

    def pactl(self, *words: str) -> str:
        """Run one pactl command and return what it prints; raises `SoundServerError`."""
        done = self._pactl(*words)
        if done.returncode:
            raise SoundServerError(f"pactl {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def unplug(self) -> None:
        """Take the only sink away."""
        self.pactl("unload-module", "module-null-sink")

    def plug(self) -> None:
        """Give the sink back."""
        self.pactl("load-module", "module-null-sink", *_NULL_SINK.split())
        self.pactl("set-default-sink", SINK)

    def add_sink(self, name: str, channels: int = 2) -> None:
        """Give the server another null sink, beside its first."""
        self.pactl(
            *("load-module", "module-null-sink", f"sink_name={name}", f"channels={channels}", f"rate={RATE}"),
            *("format=s16le", "norewinds=1", f"channel_map={_channel_map(channels)}"),
        )

    def name_devices(self, *sinks: str) -> None:
        """Let PortAudio list these sinks as devices of their own, in processes started with `env` from now on.

        A stream to such a device stays with it, while one to `pulse` follows the server's default.
        """
        named = "".join(
            f"pcm.{sink} {{ type pulse device {sink} hint {{ show on description {sink} }} }}\n" for sink in sinks
        )
        file = self.folder / "asound.conf"
        file.write_text(f"</usr/share/alsa/alsa.conf>\n{named}")
        self.env["ALSA_CONFIG_PATH"] = str(file)

    def suspend(self, suspended: bool) -> None:
        """Make streams stall silently (True), or go on."""
        self.pactl("suspend-sink", SINK, "1" if suspended else "0")

    def playing(self) -> int:
        """Return how many streams play now."""
        return len(self.pactl("list", "short", "sink-inputs").splitlines())

    @property
    def pid(self) -> int:
        """Of the server; raises `SoundServerError` while none runs."""
        if self._process is None:
            raise SoundServerError("no sound server runs")
        return self._process.pid

    def kill(self) -> None:
        """End the server as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)
            self._process = None

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def record(self, sink: str = SINK, channels: int = 2) -> Recorder:
        """Start to record a sink's monitor; returns when the first sound (or silence) has come in."""
        recorder = Recorder(self, sink, channels)
        recorder.wait_s(0.05)
        return recorder


@dataclass(frozen=True)
class Recording:
    """What the sink played: `samples` mono float32 (left side; `right` differs only if something is wrong)."""

    channels: NDArray[np.float32]
    """All channels: moments times channels."""
    started_ns: int
    """`time.monotonic_ns` at which the sink played the first sample, as well as can be told (some ms late)."""
    rate: int = RATE

    @property
    def samples(self) -> NDArray[np.float32]:
        return self.channels[:, 0]

    @property
    def right(self) -> NDArray[np.float32]:
        return self.channels[:, 1]

    @property
    def seconds(self) -> float:
        return len(self.channels) / self.rate

    def at_ns(self, index: int) -> int:
        """Return the monotonic time of sample `index`."""
        return self.started_ns + index * 1_000_000_000 // self.rate


class Recorder:
    """parec on a sink's monitor, drained by a thread."""

    def __init__(self, server: SoundServer, sink: str = SINK, channels: int = 2) -> None:
        self._channels = channels
        self._bytes = 2 * channels
        self._data = bytearray()
        self._started_ns = 0
        self._changed = threading.Condition()
        self._process = subprocess.Popen(
            [
                *(_program("parec"), "-d", f"{sink}.monitor", "--raw", "--format=s16le"),
                *(
                    f"--rate={RATE}",
                    f"--channels={channels}",
                    f"--channel-map={_channel_map(channels)}",
                    "--latency-msec=5",
                    "--process-time-msec=5",
                ),
            ],
            env=server.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        assert self._process.stdout is not None
        self._pipe: IO[bytes] = self._process.stdout
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _drain(self) -> None:
        while chunk := self._pipe.read(65536):
            now = time.monotonic_ns()
            with self._changed:
                self._data += chunk
                # The chunk that was least delayed on its way tells best when the first sample was played.
                started = now - len(self._data) // self._bytes * 1_000_000_000 // RATE
                self._started_ns = min(self._started_ns or started, started)
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    @property
    def seconds(self) -> float:
        """How much has been recorded so far."""
        with self._changed:
            return len(self._data) / self._bytes / RATE

    def wait_s(self, seconds: float, limit_s: float = 30.0) -> None:
        """Wait until `seconds` more have been recorded; raises `SoundServerError` if the sink stands still."""
        wanted = self.seconds + seconds
        end = time.monotonic() + seconds + limit_s
        with self._changed:
            while len(self._data) / self._bytes / RATE < wanted:
                if not self._thread.is_alive():
                    raise SoundServerError("the recorder ended: did the server go away?")
                if not self._changed.wait(max(0.0, end - time.monotonic())):
                    raise SoundServerError(f"the sink's monitor gave {len(self._data)} bytes, then nothing more")

    def recording(self) -> Recording:
        """Return what there is so far (also while it goes on)."""
        with self._changed:
            whole = bytes(self._data[: len(self._data) // self._bytes * self._bytes])
            started_ns = self._started_ns
        samples = np.frombuffer(whole, "<i2").reshape(-1, self._channels).astype(np.float32)
        return Recording(samples * np.float32(1 / 32768), started_ns)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        self._thread.join(5)
        self._pipe.close()
