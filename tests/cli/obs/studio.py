"""A real OBS under Xvfb, with settings of its own, for tests.

Debian's OBS has no Browser Source; everything else is what streamers run. It records in MKV.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.processes import free_port, short_folder
from tests.support.waiting import eventually

PASSWORD = "a password of the test's own"

_GLOBAL = """\
[General]
FirstRun=true
Pre19Defaults=false
[Basic]
Profile=Test
ProfileDir=Test
SceneCollection=Test
SceneCollectionFile=Test
[OBSWebSocket]
FirstLoad=false
ServerEnabled=true
ServerPort={port}
AuthRequired=true
ServerPassword={password}
"""
_PROFILE = """\
[General]
Name=Test
[Output]
Mode=Simple
[SimpleOutput]
FilePath={folder}
RecFormat=mkv
RecQuality=Stream
StreamEncoder=x264
[Video]
BaseCX=320
BaseCY=240
OutputCX=320
OutputCY=240
FPSCommon=10
"""


@dataclass
class Studio:
    """A running OBS."""

    port: int
    recordings: Path
    home: Path
    process: subprocess.Popen[bytes]

    @property
    def env(self) -> dict[str, str]:
        """What lets `partyline obs` find it: OBS's own settings, as on a user's machine."""
        return {"XDG_CONFIG_HOME": str(self.home / ".config")}


def _listens(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def _display() -> tuple[subprocess.Popen[bytes], str]:
    """Start an X server of our own; it says itself which number was free."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "640x480x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as told:
        return server, f":{told.readline().strip()}"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


@contextmanager
def studio(
    sound: dict[str, str], *, folder: Path | None = None, within: Sequence[str] = (), host: str = "127.0.0.1"
) -> Iterator[Studio]:
    """Run OBS in the environment `sound` (a sound server's) until the block ends. `folder` is to be its home.

    `within`: what it is started by, e.g. in a network of its own, where it is reached at `host`.
    """
    if not (shutil.which("obs") and shutil.which("Xvfb")):
        pytest.skip("OBS and Xvfb are installed by `make setup-test` on Debian only")
    with short_folder() if folder is None else nullcontext(folder) as home:
        port, config, recordings = free_port(), home / ".config" / "obs-studio", home / "recordings"
        (config / "basic" / "profiles" / "Test").mkdir(parents=True)
        recordings.mkdir(parents=True)
        (config / "global.ini").write_text(_GLOBAL.format(port=port, password=PASSWORD))
        (config / "basic" / "profiles" / "Test" / "basic.ini").write_text(_PROFILE.format(folder=recordings))
        server, display = _display()
        log = (home / "obs.log").open("wb")
        obs = subprocess.Popen(
            [*within, "obs", "--multi", "--disable-updater", "--disable-missing-files-check"],
            env={
                **{key: value for key, value in os.environ.items() if key != "XDG_CONFIG_HOME"},
                **sound,
                "HOME": str(home),
                "DISPLAY": display,
                "LIBGL_ALWAYS_SOFTWARE": "1",
                "QT_QPA_PLATFORM": "xcb",
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            eventually(lambda: _listens(host, port) or obs.poll() is not None, "OBS listens")
            assert obs.poll() is None, (home / "obs.log").read_text(errors="replace")[-3000:]
            yield Studio(port, recordings, home, obs)
        finally:
            _end(obs)
            _end(server)
            log.close()
