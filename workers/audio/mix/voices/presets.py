"""The equaliser's presets, as filters of FFmpeg and their arguments."""

from __future__ import annotations

from dataclasses import dataclass

from common.basic.values import EqPreset


@dataclass(frozen=True)
class Preset:
    filters: tuple[tuple[str, str], ...]
    """The last one keeps the loudness of recorded voices within 2 dB (tests/…/voices/test_equaliser.py)."""


def _peak(hertz: float, gain_db: float, q: float) -> tuple[str, str]:
    return "equalizer", f"f={hertz}:t=q:w={q}:g={gain_db}"


def _volume(gain_db: float) -> tuple[str, str]:
    return "volume", f"volume={gain_db}dB:precision=float"


PRESETS: dict[EqPreset, Preset] = {
    "off": Preset(()),
    # thin and nasal: give it a chest, take the horn away, brighten it
    "phone": Preset(
        (("bass", "f=280:g=5"), _peak(1300, -5, 1.0), ("treble", "f=3800:g=4"), _volume(-1.5)),
    ),
    # a microphone at the mouth: less of pops and of sharp consonants
    "headset": Preset(
        (("highpass", "f=90"), _peak(250, -3, 1.0), _peak(2800, 2, 1.0), _peak(6300, -4, 1.4), _volume(1.0)),
    ),
    # far from the microphone in a bare room: less of the room's resonances, nearer consonants
    "boomy": Preset(
        (("highpass", "f=120"), _peak(220, -6, 0.8), _peak(450, -3, 1.2), _peak(3000, 3, 0.9), _volume(1.5)),
    ),
    # as through a cloth
    "dull": Preset(
        (("highpass", "f=80"), _peak(350, -3, 0.9), ("treble", "f=2500:g=8"), _volume(-2.5)),
    ),
}
