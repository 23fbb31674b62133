"""People's voices from packages that ship recordings, at 16 kHz.

`make setup-bench` installs them on Debian. Where they are missing (a Mac has no such packages) the simulator's
synthesised voices speak, and the result says so.

- asterisk-core-sounds-{en,fr,it,ru,es}-g722: prompts by professional speakers (CC BY-SA 3.0, Russian CC BY 3.0)
- pocketsphinx-testdata: two men who command, and a reader of LibriVox (BSD, public domain)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from simulator.consoles import voices as synthesised

RATE = 16_000
_ASTERISK = Path("/usr/share/asterisk/sounds")
_SPHINX = Path("/usr/share/pocketsphinx/test/data")
_SHORTEST_BYTES = 24_000
"""G.722 has 8 kB/s: prompts of 3 s and more, which are sentences and not words."""
_QUIET_DB = -45.0
"""A file whose level is below this is a pause, not speech."""


@dataclass(frozen=True)
class RecordedVoice:
    """One person's recordings."""

    name: str
    files: tuple[Path, ...]
    sentences: tuple[str, ...] = ()
    """Names of synthesised sentences instead of files."""

    @property
    def is_human(self) -> bool:
        return bool(self.files)

    def load(self, number: int) -> NDArray[np.float32]:
        """Return sentence `number` (modulo the number of sentences), at full scale 1."""
        if self.sentences:
            made = synthesised.load(self.sentences[number % len(self.sentences)])
            return np.asarray(made / 32768, np.float32)
        return _read(self.files[number % len(self.files)])

    @property
    def count(self) -> int:
        return len(self.sentences) or len(self.files)


@cache
def voices() -> tuple[RecordedVoice, ...]:
    """Return everybody who can speak here: people, or the simulator's voices if there are none."""
    found = [*_prompts(), *_test_data()]
    if found:
        return tuple(found)
    return tuple(RecordedVoice(name, (), tuple(synthesised.of_speaker(name))) for name in synthesised.speakers())


def _prompts() -> list[RecordedVoice]:
    found = []
    for folder in sorted(_ASTERISK.glob("??_??_?_*")):
        files = [path for path in sorted(folder.glob("*.g722")) if path.stat().st_size >= _SHORTEST_BYTES]
        if len(files) >= 10:
            found.append(RecordedVoice(folder.name, tuple(files)))
    return found


def _test_data() -> list[RecordedVoice]:
    groups = {"librivox": _SPHINX.glob("librivox/*.wav"), "cards": _SPHINX.glob("cards/*.wav")}
    return [RecordedVoice(name, files) for name, paths in groups.items() if (files := tuple(sorted(paths)))]


@cache
def _read(path: Path) -> NDArray[np.float32]:
    """Return a file's samples without the silence around them."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(str(path)) as file:
        parts = [part.to_ndarray().reshape(-1) for frame in file.decode(audio=0) for part in resampler.resample(frame)]
    parts += [part.to_ndarray().reshape(-1) for part in resampler.resample(None)]
    samples = np.concatenate(parts).astype(np.float32)
    loud = np.flatnonzero(np.abs(samples) > 10 ** (_QUIET_DB / 20))
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples
