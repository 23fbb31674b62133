"""mitmproxy in a separate environment below `$PARTYLINE_HOME` (its pins clash with ours), created once."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO

from captures.folder import CaptureError
from captures.scrub.allow_list import PSN_SUFFIXES
from common.files.paths import Paths

VERSION = "11.0.2"
PINS = Path(__file__).parent.parent / "mitmdump" / "pins.txt"
ADDON = Path(__file__).parent.parent / "mitmdump" / "addon.py"
"""In a folder of its own, since mitmproxy puts a script's folder on its path."""
HOSTS = rf"(^|\.)({'|'.join(map(re.escape, PSN_SUFFIXES))})(:\d+)?$"
"""Hosts whose TLS is intercepted, in the form of `allow_hosts`. It is matched against ``host:port``."""
ROOM_BYTES = 400 << 20
"""Disk space for the environment (132 MB) and pip's temporary downloads."""
_UNSHOWN = ("http_proxy", "https_proxy", "all_proxy", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
_STOP_S = 15.0


@dataclass(frozen=True)
class Environment:
    """The environment of mitmproxy, with the certificate authority that the phone has to trust."""

    folder: Path
    authority: Path

    @classmethod
    def of(cls, paths: Paths) -> Environment:
        return cls(paths.home / "mitmproxy", paths.home / "mitmproxy-ca")

    @property
    def program(self) -> Path:
        return self.folder / "bin" / "mitmdump"

    @property
    def ready(self) -> bool:
        """Whether it is completely installed, in the required version."""
        try:
            return self.program.exists() and self._stamp.read_text() == self._made
        except OSError:
            return False

    @property
    def _made(self) -> str:
        """The expected stamp. It has the path, since a moved environment does not work."""
        return f"{VERSION} {self.folder.resolve()}"

    @property
    def _stamp(self) -> Path:
        return self.folder / ".partyline"

    def make(self, python: str = sys.executable) -> None:
        """Install it. Raises `CaptureError`. This takes half a minute and needs the network."""
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        free = shutil.disk_usage(self.folder.parent).free
        if free < ROOM_BYTES:
            raise CaptureError(
                f"mitmproxy needs {ROOM_BYTES >> 20} MB of room in {self.folder.parent}; {free >> 20} MB are free.",
                "Make room, or set PARTYLINE_HOME to a folder on another disk.",
            )
        try:
            self._run([python, "-m", "venv", str(self.folder)])
            pip = [str(self.folder / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "-q"]
            self._run([*pip, "--retries", "1", "-c", str(PINS), f"mitmproxy=={VERSION}"])
            self._stamp.write_text(self._made)
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def _run(self, words: list[str]) -> None:
        try:
            done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603  # our own words
        except OSError as error:
            raise CaptureError(f"{words[0]} cannot be run: {error.strerror}.", "Run `make setup` again.") from error
        if done.returncode:
            raise _why_not(done.stdout + done.stderr)


def _why_not(told: str) -> CaptureError:
    """Return the error for the output of pip or venv."""
    if "No space left" in told:
        return CaptureError("The disk is full, so mitmproxy is not installed.", "Make room, then start again.")
    if re.search(r"NewConnectionError|NameResolution|Temporary failure|timed out|ProxyError|getaddrinfo", told):
        return CaptureError(
            "mitmproxy could not be downloaded: the package index (pypi.org) cannot be reached.",
            "Check this machine's network, then start again. It is needed this once only.",
        )
    if "ensurepip" in told:
        return CaptureError("This Python cannot make environments.", "Debian, Ubuntu: apt-get install python3-venv.")
    lines = [line for line in told.splitlines() if line.strip()] or ["pip printed nothing"]
    error = next((line for line in lines if line.startswith("ERROR")), lines[-1])
    return CaptureError(
        f"mitmproxy {VERSION} could not be installed: {error[:300]}",
        "It needs Python 3.11 to 3.13. The reason is above.",
    )


def check_port(host: str, port: int) -> None:
    """Raise `CaptureError` if nothing can listen there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CaptureError(
                f"Port {port} cannot be used: {error.strerror}.",
                f"End what listens there, or take another one: --port {port + 1}.",
            ) from error


class Mitmdump:
    """A running mitmdump. `pipe` has the addon's records until it exits."""

    def __init__(  # noqa: PLR0913  # where it listens, and for whom
        self,
        environment: Environment,
        host: str,
        port: int,
        *,
        rehearsal: int = 0,
        trusted: Path | None = None,
        phone: str = "",
    ) -> None:
        """Start it. `rehearsal` is the port on this machine for Sony's names, whose certificate is in `trusted`.

        `phone` is the only address that is served, or "" for the first device.
        """
        environment.authority.mkdir(mode=0o700, exist_ok=True)
        reading, writing = os.pipe()
        options = {
            "confdir": str(environment.authority),
            "allow_hosts": HOSTS,
            "stream_large_bodies": "4m",
            **({"ssl_verify_upstream_trusted_ca": str(trusted)} if trusted else {}),
        }
        words = [word for name, value in options.items() for word in ("--set", f"{name}={value}")]
        self._process = subprocess.Popen(  # noqa: S603  # our own words, no shell
            [environment.program, "-q", "--listen-host", host, "--listen-port", str(port), "-s", ADDON, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_variables(os.environ, writing, rehearsal, phone),
            pass_fds=(writing,),
            start_new_session=True,
            umask=0o077,
        )
        os.close(writing)
        self.pipe = os.fdopen(reading, "rb")
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin: IO[bytes] = self._process.stdin
        self._said: deque[str] = deque(maxlen=20)
        self._listener = Thread(target=self._listen, args=(self._process.stdout,), daemon=True)
        self._listener.start()

    def _listen(self, out: IO[bytes]) -> None:
        for line in out:
            self._said.append(line.decode("utf-8", "replace").strip())

    def stop(self) -> None:
        """Ask it to exit. Pending records still come through `pipe`."""
        if not self._stdin.closed:
            self._stdin.close()

    def kill(self) -> None:
        self._process.kill()

    def ended(self) -> str:
        """Wait for its exit. Return its output if it failed."""
        self.stop()
        self.pipe.close()
        try:
            code = self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self._process.wait()
        self._listener.join(_STOP_S)
        return (" ".join(self._said) or f"exit code {code}")[-400:] if code else ""


def _variables(of: Mapping[str, str], pipe: int, rehearsal: int, phone: str) -> dict[str, str]:
    kept = {name: value for name, value in of.items() if name not in _UNSHOWN and name.lower() not in _UNSHOWN}
    told = {"PIPE": str(pipe), "HOSTS": HOSTS, "REHEARSAL": str(rehearsal), "PHONE": phone}
    return kept | {f"PARTYLINE_CAPTURE_{name}": value for name, value in told.items()}


if __name__ == "__main__":
    wanted = Environment.of(Paths.of_environment())
    if not wanted.ready:
        wanted.make()
