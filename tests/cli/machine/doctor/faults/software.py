"""Faults of Python, packages, native libraries, sound, keychain and OBS."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from cli.machine.doctor.check import CheckFinding
from common.config.further_output import FurtherOutput
from common.obs.judge.lowering import FILTER, GAIN
from common.obs.memory import MadeFilter, ObsMemory
from tests.cli.machine.doctor.faults.fault import Faults
from tests.cli.machine.doctor.stage import MAC, Stage, with_table
from tests.cli.obs.fake_obs import fake_obs_apart

FAULTS = Faults()


@FAULTS.add("python", "this Python says that it lies in Xcode's command line tools", "error", "Xcode")
def of_xcode(stage: Stage) -> CheckFinding:
    stage.patch("sys.base_prefix", "/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/3.9")
    return stage.examine("python")


@FAULTS.add("python", "this Python says that it is 3.16", "error", "Python 3.16.0 is not supported")
def too_new(stage: Stage) -> CheckFinding:
    stage.patch("sys.version_info", (3, 16, 0, "final", 0))
    return stage.examine("python")


@FAULTS.add(
    "packages", "a package of the same name that raises when it is imported", "error", "segno cannot be imported"
)
def broken_package(stage: Stage) -> CheckFinding:
    stage.module("segno", "raise ImportError('mach-o file, but is an incompatible architecture')")
    return stage.examine("packages")


@FAULTS.add("packages", "metadata of an older segno lie before the real ones", "warning", "segno 0.1 (wanted")
def old_package(stage: Stage) -> CheckFinding:
    info = stage.modules / "segno-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: segno\nVersion: 0.1\n")
    return stage.examine("packages")


@FAULTS.add("opus", "no library called opus can be loaded", "error", "libopus cannot be loaded")
def no_opus(stage: Stage) -> CheckFinding:
    stage.module(
        "sitecustomize",
        "import ctypes\nreal = ctypes.CDLL.__init__\n"
        "def load(self, name, *rest, **more):\n"
        "    if 'opus' in str(name): raise OSError('damaged')\n"
        "    real(self, name, *rest, **more)\n"
        "ctypes.CDLL.__init__ = load\n",
    )
    return stage.examine("opus")


@FAULTS.add("noise-suppression", "its library cannot be loaded", "warning", "does not work: The library")
def no_suppression(stage: Stage) -> CheckFinding:
    stage.module(
        "sitecustomize",
        "import ctypes\nreal = ctypes.CDLL.__init__\n"
        "def load(self, name, *rest, **more):\n"
        "    if 'deepfilter' in str(name): raise OSError('mach-o file, but is an incompatible architecture')\n"
        "    real(self, name, *rest, **more)\n"
        "ctypes.CDLL.__init__ = load\n",
    )
    return stage.examine("noise-suppression")


@FAULTS.add("noise-suppression", "its package is not there, on a riscv64", "note", "no noise suppression for this")
def no_wheel(stage: Stage) -> CheckFinding:
    stage.module(
        "sitecustomize",
        "from importlib import metadata\nreal = metadata.version\n"
        "def version(name):\n"
        "    if name.startswith('deepfilternet'): raise metadata.PackageNotFoundError(name)\n"
        "    return real(name)\n"
        "metadata.version = version\n",
    )
    stage.patch("platform.machine", lambda: "riscv64")
    return stage.examine("noise-suppression")


# --- sound ------------------------------------------------------------------------------------------

SOUNDDEVICE = """\
from types import SimpleNamespace
_libname = {library!r}
default = SimpleNamespace(device=(-1, {default}))
def get_portaudio_version(): return 1, 'PortAudio V19.7.0-devel, revision unknown'
def query_devices():
    return [dict(name=name, max_output_channels=2, default_samplerate=48000.0, default_low_output_latency=low / 1000,
                 default_high_output_latency=0.1) for name, low in {devices!r}]
"""
WHEEL = "/x/.venv/lib/_sounddevice_data/portaudio-binaries/libportaudio.dylib"


def portaudio(stage: Stage, *devices: tuple[str, float], default: int = 0, library: str = WHEEL) -> None:
    stage.module("sounddevice", SOUNDDEVICE.format(library=library, default=default, devices=list(devices)))


@FAULTS.add("portaudio", "a sounddevice that finds no PortAudio", "error", "PortAudio library not found")
def no_portaudio(stage: Stage) -> CheckFinding:
    stage.module("sounddevice", "raise OSError('PortAudio library not found')")
    return stage.examine("portaudio")


@FAULTS.add("portaudio", "a sounddevice that ends its process, as an assertion does", "cannot tell", "SIGABRT")
def aborting_portaudio(stage: Stage) -> CheckFinding:
    stage.module("sounddevice", "import os\nos.abort()")
    return stage.examine("portaudio")


@FAULTS.add("portaudio", "a sounddevice that found Homebrew's PortAudio", "warning", "Homebrew's PortAudio")
def brewed(stage: Stage) -> CheckFinding:
    portaudio(stage, ("Speakers", 10), library="/opt/homebrew/lib/libportaudio.dylib")
    return stage.examine("portaudio", platform=MAC)


@FAULTS.add("devices", "a sounddevice without devices", "warning", "There is no output device")
def no_device(stage: Stage) -> CheckFinding:
    portaudio(stage)
    return stage.examine("devices")


@FAULTS.add("default-device", "a sounddevice without a default output", "warning", "no default output")
def no_default(stage: Stage) -> CheckFinding:
    portaudio(stage, ("Speakers", 10), default=-1)
    return stage.examine("default-device")


@FAULTS.add("default-device", "the default output is AirPods with 160 ms", "note", "delays sound by 160 ms")
def slow_default(stage: Stage) -> CheckFinding:
    portaudio(stage, ("AirPods", 160))
    return stage.examine("default-device")


@FAULTS.add("chosen-device", "`[audio] device` names a device that is not there", "warning", "is not there")
def missing_device(stage: Stage) -> CheckFinding:
    portaudio(stage, ("Speakers", 10))
    return stage.examine("chosen-device", settings=with_table("audio", device="Headset"))


@FAULTS.add("chosen-device", "`[audio] device` fits two devices", "warning", "may mean")
def ambiguous_device(stage: Stage) -> CheckFinding:
    portaudio(stage, ("USB Audio 1", 10), ("USB Audio 2", 10))
    return stage.examine("chosen-device", settings=with_table("audio", device="usb audio"))


@FAULTS.add("further-outputs", "`[audio] outputs` names a device that is not there", "warning", "is not there")
def missing_further_device(stage: Stage) -> CheckFinding:
    portaudio(stage, ("Speakers", 10))
    return stage.examine("further-outputs", settings=with_table("audio", outputs=further(obs="BlackHole")))


@FAULTS.add("further-outputs", "two outputs have one device", "warning", "have the same device")
def double_device(stage: Stage) -> CheckFinding:
    portaudio(stage, ("Speakers", 10), ("BlackHole 2ch", 0))
    outputs = further(obs="blackhole", stream="BlackHole 2ch")
    return stage.examine("further-outputs", settings=with_table("audio", outputs=outputs))


def further(**devices: str) -> dict[str, FurtherOutput]:
    return {name: FurtherOutput(device=device) for name, device in devices.items()}


@FAULTS.add("blackhole", "a sounddevice with both BlackHoles", "warning", "Several versions of BlackHole")
def two_blackholes(stage: Stage) -> CheckFinding:
    portaudio(stage, ("BlackHole 16ch", 0), ("BlackHole 2ch", 0))
    return stage.examine("blackhole", platform=MAC)


# --- keychain ---------------------------------------------------------------------------------------


def keyring(stage: Stage, backend: str) -> dict[str, object]:
    around = stage.around()
    return {"environ": {**around.environ, "PYTHON_KEYRING_BACKEND": backend}}


@FAULTS.add("keychain", "keyring's null backend, as `keyring --disable` sets it", "warning", "stores nothing")
def null_keyring(stage: Stage) -> CheckFinding:
    return stage.examine("keychain", **keyring(stage, "keyring.backends.null.Keyring"))


BACKEND = """\
from keyring.backend import KeyringBackend
class Keyring(KeyringBackend):
    priority = 1
    def get_password(self, *_): return None
    def delete_password(self, *_): pass
    def set_password(self, *_): {does}
"""


@FAULTS.add("keychain", "a keyring that does not answer, as while a dialog waits", "warning", "does not answer")
def asking_keyring(stage: Stage) -> CheckFinding:
    stage.patch("cli.machine.doctor.probes.keychain.ANSWER_S", 1.5)
    stage.module("asking", BACKEND.format(does="import time; time.sleep(60)"))
    return stage.examine("keychain", **keyring(stage, "asking.Keyring"))


@FAULTS.add("keychain", "a keyring that refuses like macOS over ssh (-25308)", "warning", "is locked")
def refusing_keyring(stage: Stage) -> CheckFinding:
    stage.module("refusing", BACKEND.format(does="raise RuntimeError((-25308, 'Unknown Error'))"))
    return stage.examine("keychain", **keyring(stage, "refusing.Keyring"))


@FAULTS.add("keychain", "a fake `security` that says “User interaction is not allowed”", "warning", "is locked")
def locked_keychain(stage: Stage) -> CheckFinding:
    stage.tool("security", 'echo "security: SecKeychainCopySettings: User interaction is not allowed." >&2; exit 36')
    return stage.examine("keychain", platform=MAC)


# --- OBS --------------------------------------------------------------------------------------------


@FAULTS.add("obs", "no OBS on PATH", "note", "OBS was not found")
def no_obs(stage: Stage) -> CheckFinding:
    return stage.examine("obs", environ={"PATH": str(stage.bin)})


@FAULTS.add("obs-websocket", "`[obs] port` is one where nobody listens", "warning", "OBS does not answer")
def no_websocket(stage: Stage) -> CheckFinding:
    return stage.examine("obs-websocket", settings=with_table("obs", port=1))


@FAULTS.add(
    "obs-game", "an OBS (a fake one) in which our filter stands at -12 dB, and no worker", "warning", "still 12 dB"
)
def lowered_game(stage: Stage) -> CheckFinding:
    filters = (MadeFilter("Game", FILTER),)
    (stage.paths.state / "obs.json").write_bytes(msgspec.json.encode(ObsMemory(filters=filters)))
    with fake_obs_apart() as obs:
        obs.add("Game", "ffmpeg_source")
        obs.filters["Game", FILTER] = {"filterName": FILTER, "filterKind": GAIN, "filterSettings": {"db": -12.0}}
        return stage.examine("obs-game", settings=with_table("obs", port=obs.port))


def obs_app(stage: Stage, service: str, place: Path) -> None:
    """Put an OBS into the applications, and its refusal into a table of macOS' permissions."""
    contents = stage.folder / "Applications" / "OBS.app" / "Contents"
    contents.mkdir(parents=True)
    head = '<?xml version="1.0"?><plist version="1.0"><dict><key>CFBundleShortVersionString</key>'
    (contents / "Info.plist").write_text(f"{head}<string>32.1.0</string></dict></plist>")
    table = place / "Library/Application Support/com.apple.TCC/TCC.db"
    table.parent.mkdir(parents=True)
    with sqlite3.connect(table) as database:
        database.execute("create table access (service text, client text, auth_value integer)")
        database.execute("insert into access values (?, 'com.obsproject.obs-studio', 0)", (service,))
    database.close()


@FAULTS.add(
    "microphone", "macOS' table (a fake one) denies OBS the microphone", "warning", "lacks the permission Micro"
)
def no_microphone(stage: Stage) -> CheckFinding:
    obs_app(stage, "kTCCServiceMicrophone", stage.folder)
    return stage.examine("microphone", platform=MAC, settings=with_table("audio", device="BlackHole 2ch"))


@FAULTS.add("screen-audio", "macOS' table cannot be read, as usual", "cannot tell", "does not say whether OBS")
def unknown_screen(stage: Stage) -> CheckFinding:
    obs_app(stage, "kTCCServiceMicrophone", stage.folder)
    return stage.examine("screen-audio", platform=MAC)
