"""Prints PortAudio's file, version and output devices as JSON. PortAudio may hang, or end the process."""

from __future__ import annotations

import sys

import msgspec

from cli.machine.doctor.judge.sound import FoundOutput, Sound


def found() -> Sound:
    try:
        import sounddevice  # noqa: PLC0415  # raises without PortAudio
    except Exception as error:  # noqa: BLE001  # whatever it raises is the finding
        return Sound(fault=" ".join(str(error).split())[:300].rstrip("."))
    usual = int(sounddevice.default.device[1])
    return Sound(
        library=str(sounddevice._libname),  # noqa: SLF001  # the only place that names the file
        version=str(sounddevice.get_portaudio_version()[1]).partition(",")[0],
        devices=tuple(
            FoundOutput(
                name=str(device["name"]),
                number=number,
                channels=int(device["max_output_channels"]),
                rate=float(device["default_samplerate"]),
                low_latency_ms=round(float(device["default_low_output_latency"]) * 1000, 2),
                high_latency_ms=round(float(device["default_high_output_latency"]) * 1000, 2),
                is_default=number == usual,
            )
            for number, device in enumerate(sounddevice.query_devices())
            if device["max_output_channels"] >= 1
        ),
    )


if __name__ == "__main__":
    sys.stdout.write(msgspec.json.encode(found()).decode())
