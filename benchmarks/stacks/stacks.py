"""Table of the stacks, with checks of their presence, their installation and their commands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.stacks.sound import Files

ROOT = Path(__file__).parents[2]
SOURCES = Path(__file__).parent / "consoles"
BUILT = ROOT / "var" / "stacks"
"""Output of `install`: the Node packages, and Pion's console."""
SYSTEM_PYTHON = "/usr/bin/python3"
GO_PATH = "/usr/share/gocode"
APT_GSTREAMER = (
    "apt-get install gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-nice "
    "python3-gi gir1.2-gst-plugins-bad-1.0"
)
APT_PION = "apt-get install golang-go golang-github-pion-webrtc.v3-dev"
INSTALL = "python -m benchmarks.stacks --install"
_NODE = ("package.json", "lines.mjs", "werift.mjs", "libdatachannel.mjs")
_GST = (
    "import gi; gi.require_version('GstWebRTC', '1.0'); from gi.repository import Gst, GstWebRTC; Gst.init(None); "
    "names = 'webrtcbin nicesrc dtlsdec srtpenc sctpenc opusenc rtpopuspay audiobuffersplit'.split(); "
    "print(' '.join(name for name in names if Gst.ElementFactory.find(name) is None), end='')"
)


@dataclass(frozen=True)
class Stack:
    name: str
    words: str
    missing: Callable[[], str]
    """What this machine lacks, with the command that installs it. Empty if nothing."""
    command: Callable[[Files], list[str]]
    folder: Path = ROOT
    makes_red: bool = False
    """It is handed plain Opus, and adds the redundancy itself."""


def _chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    return "" if any(shutil.which(name) for name in names) else "no Chromium: `make setup-test`"


def _gstreamer() -> str:
    if not Path(SYSTEM_PYTHON).exists():
        return f"no {SYSTEM_PYTHON}"
    found = subprocess.run([SYSTEM_PYTHON, "-c", _GST], capture_output=True, text=True, check=False, timeout=60)
    if found.returncode:
        return f"no GStreamer for {SYSTEM_PYTHON}: `{APT_GSTREAMER}`"
    return f"no {found.stdout}: `{APT_GSTREAMER}`" if found.stdout else ""


def _node(package: str) -> Callable[[], str]:
    def missing() -> str:
        if not shutil.which("node"):
            return "no Node.js"
        return "" if (BUILT / "node_modules" / package).exists() else f"no {package}: `{INSTALL}`"

    return missing


def _pion() -> str:
    if (BUILT / "pion").exists():
        return ""
    if not shutil.which("go") or not Path(GO_PATH, "src/github.com/pion/webrtc").exists():
        return f"no Go, or no Pion: `{APT_PION}`, then `{INSTALL}`"
    return f"Pion's console is not built: `{INSTALL}`"


STACKS: tuple[Stack, ...] = (
    Stack(
        "Chromium",
        "libwebrtc with BoringSSL",
        _chromium,
        lambda files: [sys.executable, "-m", "benchmarks.stacks.consoles.chromium", str(files.wav)],
    ),
    Stack(
        "GStreamer",
        "webrtcbin: libnice, OpenSSL, libsrtp",
        _gstreamer,
        lambda _: [SYSTEM_PYTHON, str(SOURCES / "gstreamer.py")],
    ),
    Stack(
        "werift", "TypeScript, all of its own", _node("werift"), lambda _: ["node", "werift.mjs"], BUILT, makes_red=True
    ),
    Stack("Pion", "Go, all of its own", _pion, lambda _: [str(BUILT / "pion")]),
    Stack(
        "libdatachannel",
        "C++: libjuice, OpenSSL, libsrtp",
        _node("node-datachannel"),
        lambda _: ["node", "libdatachannel.mjs"],
        BUILT,
    ),
)


def refresh() -> None:
    """Copy the present Node consoles beside their packages."""
    BUILT.mkdir(parents=True, exist_ok=True)
    for name in _NODE:
        shutil.copy(SOURCES / name, BUILT / name)


def install() -> list[str]:
    """Install the Node packages and build Pion's console. Return what failed, in words."""
    refresh()
    failed = []
    if shutil.which("npm"):
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=BUILT, check=False)
        failed += ["npm install failed"] if done.returncode else []
    else:
        failed.append("no npm: neither werift nor libdatachannel")
    if shutil.which("go") and Path(GO_PATH).exists():
        go = BUILT / "go"
        shutil.copytree(SOURCES / "pion", go / "src" / "console", dirs_exist_ok=True)
        env = {**os.environ, "GO111MODULE": "off", "GOPATH": f"{go}:{GO_PATH}"}
        done = subprocess.run(["go", "build", "-o", BUILT / "pion", "."], cwd=go / "src/console", env=env, check=False)
        failed += ["building Pion's console failed"] if done.returncode else []
    else:
        failed.append(f"no Go: `{APT_PION}`")
    return failed
