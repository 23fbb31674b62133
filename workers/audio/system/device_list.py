"""The list of sound devices, read in a separate process, because a rescan ends a running stream.

That process is `python -m workers.audio.system.device_list`, which prints them as JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys

import msgspec

from common.errors import PartylineError
from common.messages import SAMPLE_RATE, OutputDevice
from workers.audio.system import os_audio

LIMIT_S = 8.0
_NO_DEVICE = "audio.no-such-device"
_SEVERAL = "audio.several-devices"


def devices_of_this_process() -> list[OutputDevice]:
    """Return what PortAudio finds in this process. Raises the import's error where there is no PortAudio."""
    import sounddevice  # noqa: PLC0415  # missing without PortAudio

    outputs = os_audio.outputs(sounddevice)
    usual = os_audio.choose(outputs, int(sounddevice.default.device[1]), "")
    return [OutputDevice(name=output.name, channels=output.channels, is_default=output == usual) for output in outputs]


def open_and_close(name: str) -> None:
    """Open and close the device called `name` in this process, as the worker would. Raises PortAudio's errors."""
    import sounddevice  # noqa: PLC0415  # as above

    output = os_audio.choose(os_audio.outputs(sounddevice), int(sounddevice.default.device[1]), name)
    if output is not None:
        with sounddevice.OutputStream(samplerate=SAMPLE_RATE, device=output.number, channels=min(2, output.channels)):
            pass


async def answers(name: str) -> bool:
    """Return whether the device opens or refuses within `LIMIT_S`, tried in another process."""
    return await _run_process("--open", name) is not None


async def read_devices() -> tuple[OutputDevice, ...] | None:
    """Return the current devices, or None if they are unknown (no PortAudio, or it hangs)."""
    printed = await _run_process()
    try:
        return None if printed is None else msgspec.json.decode(printed, type=tuple[OutputDevice, ...])
    except msgspec.DecodeError:
        return None


async def _run_process(*words: str) -> bytes | None:
    """Return what the separate process prints, or None if it hangs or cannot be started."""
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "workers.audio.system.device_list", *words),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:  # no descriptors, no memory, no processes left
        return None
    try:
        async with asyncio.timeout(LIMIT_S):
            printed, _ = await process.communicate()
    except TimeoutError:
        return None
    else:
        return printed
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def find_device(devices: tuple[OutputDevice, ...], name: str) -> OutputDevice:
    """Return the device whose name is or contains `name`, or whose number in the list (from 1) it is.

    Raises `PartylineError` that names the devices, also if only a part was named that several have.
    """
    outputs = [os_audio.OutputInfo(number, device.name, device.channels) for number, device in enumerate(devices)]
    number = int(name) if name.isascii() and name.isdecimal() and len(name) < 4 else 0
    if 1 <= number <= len(devices) and name not in {device.name for device in devices}:
        return devices[number - 1]
    if len(near := os_audio.near(outputs, name)) > 1:
        raise PartylineError(
            f"Several devices have {name!r} in their names: {', '.join(repr(output.name) for output in near)}.",
            "Name one of them in full, or use its number in `partyline devices`.",
            code=_SEVERAL,
        )
    found = os_audio.choose(outputs, -1, name)
    if found is None:
        message, _ = os_audio.describe_missing(outputs, name)
        raise PartylineError(message, "Choose one of `partyline devices`, by name or number.", code=_NO_DEVICE)
    return devices[found.number]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--open"]:
        open_and_close(sys.argv[2])
    else:
        sys.stdout.buffer.write(msgspec.json.encode(devices_of_this_process()))
