"""Judgements about PortAudio and the sound devices."""

from __future__ import annotations

import msgspec

from cli.machine.doctor.check import CheckEvidence, CheckVerdict, Severity
from common.basic.text import name_key

SLOW_MS = 100.0
"""An output latency that is heard as a delay (AirPods have 160 ms)."""
BLACKHOLE = "BlackHole"
_BREWED = ("/opt/homebrew/", "/usr/local/", "/home/linuxbrew/")


class FoundOutput(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    number: int = 0
    """PortAudio's index."""
    channels: int
    rate: float
    """Its usual sample rate in Hz."""
    low_latency_ms: float
    high_latency_ms: float
    is_default: bool


class Sound(CheckEvidence, frozen=True, kw_only=True):
    needs_device: bool = True
    """Whether `[audio] sink` is the device."""
    wanted: str = ""
    """`[audio] device`."""
    outputs: dict[str, str] = msgspec.field(default_factory=dict)
    """`[audio] outputs`: the device of each."""
    library: str = ""
    """Path or name of PortAudio's file."""
    version: str = ""
    fault: str = ""
    """Why PortAudio cannot be used."""
    devices: tuple[FoundOutput, ...] = ()
    on_mac: bool = False


_UNUSED = CheckVerdict("ok", "Not used: `[audio] sink` is no device.")


def portaudio(found: Sound) -> CheckVerdict:
    if found.fault:
        remedy = (
            "Run `make setup` again: PortAudio comes with the package sounddevice."
            if found.on_mac
            else "Install it: `make setup`, or `apt-get install libportaudio2 libasound2-plugins`."
        )
        severity: Severity = "error" if found.needs_device else "note"
        return CheckVerdict(severity, f"PortAudio cannot be used: {found.fault}.", remedy)
    if found.on_mac and found.library.startswith(_BREWED):
        return CheckVerdict(
            "warning",
            f"Homebrew's PortAudio is used ({found.library}). It is built with assertions, which may end the audio "
            "worker when a device is unplugged.",
            "`brew uninstall portaudio`, if no other program needs it. The package sounddevice brings its own.",
        )
    return CheckVerdict("ok", f"{found.version} ({found.library}).")


def devices(found: Sound) -> CheckVerdict:
    if found.fault:
        return CheckVerdict("cannot tell", "The sound devices are not known without PortAudio.")
    if not found.devices:
        if not found.needs_device:
            return _UNUSED
        return CheckVerdict(
            "warning",
            "There is no output device, so nothing is heard on this machine.",
            'Connect one or start a sound server; or set `[audio] sink = "null"` if OBS\'s page is all you need.',
        )
    described = "; ".join(_described(one) for one in found.devices[:6])
    more = f"; and {len(found.devices) - 6} more" if len(found.devices) > 6 else ""
    return CheckVerdict("ok", f"{described}{more}.")


def _described(device: FoundOutput) -> str:
    return f"{device.name}: {device.low_latency_ms:.0f} ms, {device.rate / 1000:g} kHz"


def default_device(found: Sound) -> CheckVerdict:
    if found.fault or not found.devices:
        return CheckVerdict("ok", "There is no device to choose from.") if not found.fault else devices(found)
    usual = next((one for one in found.devices if one.is_default), None)
    if usual is None:
        return CheckVerdict(
            "warning", "The system names no default output.", "Choose one in the system's sound settings."
        )
    if usual.low_latency_ms > SLOW_MS and not found.wanted and found.needs_device:
        return CheckVerdict(
            "note",
            f"The default output “{usual.name}” delays sound by {usual.low_latency_ms:.0f} ms, as Bluetooth does.",
            "Choose an output with a cable: `partyline device NAME`.",
        )
    return CheckVerdict("ok", f"The default output is “{usual.name}”.")


def chosen_device(found: Sound) -> CheckVerdict:
    if not found.needs_device:
        return _UNUSED
    if not found.wanted:
        return CheckVerdict("ok", "None is chosen: the sound goes to the default output.")
    text = name_key(found.wanted)
    fitting = [one.name for one in found.devices if text in name_key(one.name)]
    if any(name_key(name) == text for name in fitting):
        return CheckVerdict("ok", f"“{found.wanted}” is there.")
    if not fitting:
        return CheckVerdict(
            "warning",
            f"The chosen device “{found.wanted}” is not there.",
            "Plug it in, or choose another: `partyline device NAME`, `partyline device --default`.",
        )
    if len(fitting) > 1:
        return CheckVerdict(
            "warning",
            f"“{found.wanted}” may mean {' or '.join(f'“{name}”' for name in fitting)}. The first one is used.",
            "Choose one by its full name: `partyline device NAME`.",
        )
    return CheckVerdict("ok", f"“{found.wanted}” is there: {fitting[0]}.")


def further_outputs(found: Sound) -> CheckVerdict:
    """Judge the outputs of the settings. Those that were added later are problems of the pipeline if they fail."""
    if not found.outputs:
        return CheckVerdict("ok", "The settings have no output besides the main one.")
    if found.fault:
        return CheckVerdict("cannot tell", "The sound devices are not known without PortAudio.")
    names = [one.name for one in found.devices]
    there = {output: _fitting(names, wanted) for output, wanted in found.outputs.items()}
    for output, device in there.items():
        if not device:
            return CheckVerdict(
                "warning",
                f"The device “{found.outputs[output]}” of the output “{output}” is not there.",
                f"Plug it in, or choose another: `partyline output device {output} NAME`.",
            )
    main = _fitting(names, found.wanted) if found.wanted else _usual(found)
    owners = {"main": main} if found.needs_device else {}
    for output, device in there.items():
        if same := next((other for other, taken in owners.items() if taken == device), ""):
            return CheckVerdict(
                "warning",
                f"The outputs “{same}” and “{output}” have the same device, “{device}”, so the second one is silent.",
                f"Choose another: `partyline output device {output} NAME`.",
            )
        owners[output] = device
    return CheckVerdict("ok", "; ".join(f"{output}: {device}" for output, device in there.items()) + ".")


def _fitting(names: list[str], wanted: str) -> str:
    """Return the first device that is called `wanted`, or else whose name has it. Empty if there is none."""
    text = name_key(wanted)
    fitting = [name for name in names if text in name_key(name)]
    return next((name for name in fitting if name_key(name) == text), next(iter(fitting), ""))


def _usual(found: Sound) -> str:
    return next((one.name for one in found.devices if one.is_default), "")


def blackhole(found: Sound) -> CheckVerdict:
    there = [one.name for one in found.devices if one.name.startswith(BLACKHOLE)]
    if len(there) > 1:
        return CheckVerdict(
            "warning",
            f"Several versions of BlackHole are installed ({', '.join(there)}), so its name alone may mean another one "
            "in partyline than in OBS, and OBS hears nothing.",
            f'Name it in full in both: `partyline device "{there[0]}"` and `partyline obs setup --device '
            f'"{there[0]}"`.',
        )
    return CheckVerdict("ok", f"{there[0]} is installed." if there else "BlackHole is not installed, and not needed.")
