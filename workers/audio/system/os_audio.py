"""The parts that depend on the operating system. The Mac's part has not been run on a Mac yet."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from common.basic.text import name_key
from workers.audio.system import mac_stream

IS_MAC = sys.platform == "darwin"

# On Linux the sound server comes first, because a bare `default` may be a sound card that the server holds.
# On a Mac PortAudio's own default output is the one chosen in the Sound settings.
_PREFERRED = () if IS_MAC else ("pulse", "pipewire", "default")

_HELPERS = "CADefaultDeviceAggregate-"
"""Begins the names of devices that macOS makes for one program, out of its default input and output. Nobody chooses
one, and it vanishes with that program."""

PORTAUDIO_REMEDY = (
    "Run `make setup` again: PortAudio comes with the Python package sounddevice."  # not run on a Mac
    if IS_MAC
    else "Install PortAudio (`make setup`, or on Debian: apt-get install libportaudio2 libasound2-plugins)."
)


_BLACKHOLE = "blackhole"
"""Part of the name of the virtual device that README recommends for OBS."""


class OutputInfo(NamedTuple):
    """An output device as PortAudio lists it."""

    number: int
    """PortAudio's index."""
    name: str
    channels: int = 2
    low_latency_s: float = 0.0
    """Latency of the device with PortAudio's smallest buffer, 0 if unknown."""


def outputs(library: Any) -> list[OutputInfo]:
    """Return the output devices that `sounddevice` lists, each with a unique name."""
    return unique_names(
        [
            OutputInfo(
                number,
                str(device["name"]),
                int(device["max_output_channels"]),
                float(device.get("default_low_output_latency", 0.0)),
            )
            for number, device in enumerate(library.query_devices())
            if device["max_output_channels"] >= 1 and not str(device["name"]).startswith(_HELPERS)
        ]
    )


def unique_names(outputs: Sequence[OutputInfo]) -> list[OutputInfo]:
    """Return `outputs` with ``(2)`` and so on after the second and further ones of a name."""
    found: list[OutputInfo] = []
    taken: set[str] = set()
    for output in outputs:
        names = (output.name, *(f"{output.name} ({count})" for count in range(2, len(outputs) + 2)))
        name = next(name for name in names if name_key(name) not in taken)
        taken.add(name_key(name))
        found.append(output._replace(name=name))
    return found


class Layout(NamedTuple):
    """The layout of a stream on a device's channels."""

    channels: int
    """Channels of the stream. The mix is on the first one or two."""
    places: tuple[int, ...]
    """For each row after the mix, the stream's channel that carries it, or 0 if the device has no such channel."""
    channel_map: tuple[int, ...] = ()
    """For CoreAudio: for each channel of the device, the stream's channel that it plays, or -1 for silence."""


def layout(wanted: Sequence[int], there: int) -> Layout:
    """Lay out the mix on channels 1 and 2, and one row on each of the device's channels `wanted` (from 3 up).

    On Linux the stream is as wide as its highest channel. CoreAudio maps channels, so it needs only those in use.
    PulseAudio reports 32 channels for every device, and mixes the missing ones into those that exist.
    """
    usable = [channel if channel <= there else 0 for channel in wanted]
    used = sorted({channel for channel in usable if channel})
    if not used:
        return Layout(min(2, there), (0,) * len(usable))
    if not IS_MAC:
        return Layout(used[-1], tuple(max(0, channel - 1) for channel in usable))
    places = {channel: 2 + number for number, channel in enumerate(used)}  # not run on a Mac
    channel_map = [0, 1, *(places.get(channel, -1) for channel in range(3, there + 1))]
    return Layout(2 + len(used), tuple(places.get(channel, 0) for channel in usable), tuple(channel_map))


def extra_settings(library: Any, layout_: Layout) -> Any:
    """Return the extra settings of `OutputStream`. Documented by sounddevice, not run on a Mac."""
    return library.CoreAudioSettings(channel_map=list(layout_.channel_map)) if layout_.channel_map else None


def near(outputs: Sequence[OutputInfo], wanted: str) -> list[OutputInfo]:
    """Return the outputs whose name contains `wanted`, but only the first one that is called so exactly."""
    text = name_key(wanted)
    exact = [output for output in outputs if name_key(output.name) == text]
    return exact[:1] or [output for output in outputs if text in name_key(output.name)]


def latency_s(wanted_s: float, output: OutputInfo) -> float:
    """Return the latency to ask PortAudio for."""
    return mac_stream.latency_s(wanted_s, output.low_latency_s) if IS_MAC else wanted_s


def choose(outputs: Sequence[OutputInfo], default: int, wanted: str) -> OutputInfo | None:
    """Return the output whose name is, or contains, `wanted`. An empty `wanted` means the usual output.

    Names are compared as people type them (`name_key`), because Apple uses an apostrophe that no keyboard has.

    `default` is the index of PortAudio's default output, -1 without one.
    """
    text = name_key(wanted)
    if text:
        return next(iter(near(outputs, wanted)), None)
    by_name = {output.name: output for output in outputs}
    for name in _PREFERRED:
        if name in by_name:
            return by_name[name]
    return next((output for output in outputs if output.number == default), next(iter(outputs), None))


def describe_missing(outputs: Sequence[OutputInfo], wanted: str) -> tuple[str, str]:
    """Return message and remedy when `choose` found nothing. The message names the wanted and the existing devices."""
    looked = f"an output device whose name contains {wanted!r}" if wanted else "a sound device"
    names = ", ".join(repr(output.name) for output in outputs)
    there = f"Available: {names}." if names else "There is no output device at all."
    if IS_MAC and _BLACKHOLE in name_key(wanted):
        remedy = (  # not run on a Mac
            "Install it (`brew install blackhole-2ch`), and restart the Mac if it does not appear. "
            "Or choose another one of `partyline devices`."
        )
    elif outputs:
        remedy = "Plug it in, or set [audio] device to a part of one of those names (empty means the usual one)."
    elif IS_MAC:
        remedy = "Connect an output in the Mac's Sound settings. It is used as soon as it appears."  # not run on a Mac
    else:
        remedy = (
            "Start a sound server (PulseAudio or PipeWire) or connect a sound card. It is used as soon as it appears."
        )
    return f"Looked for {looked}. {there}", remedy
