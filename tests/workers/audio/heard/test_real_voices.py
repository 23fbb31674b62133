"""Levelling on recorded human voices, through the desk and the mix, measured by pyloudnorm."""

from __future__ import annotations

import wave
from functools import cache
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soxr
from numpy.typing import NDArray

from common.config.tables import AudioSettings
from common.messages import FRAME_SAMPLES, SAMPLE_RATE, AudioFrame
from workers.audio.memory import Choices
from workers.audio.mix.talker_frames import TalkerFrame
from workers.audio.mixing_desk import MixingDesk

DATA = Path("/usr/share/pocketsphinx/test/data")
VOICES = {"a reader": "librivox/*.wav", "a speaker": "cards/*.wav", "another one": "*.raw"}
TARGET = -23.0
FOUND_S = 20
"""After so long the loudness is found, from wherever."""
STEP_DB = 0.05
"""Nobody hears a step of it: a change has to be ten times as large to be noticed at all."""
TICK_NS = 10_000_000

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="needs Debian's pocketsphinx-testdata (`make setup-test`)")
meter = pyloudnorm.Meter(SAMPLE_RATE)


@cache
def voice(name: str) -> NDArray[np.float64]:
    """Return all that there is of one voice, ±1 full scale."""
    found = []
    for path in sorted(DATA.glob(VOICES[name])):
        if path.suffix == ".wav":
            with wave.open(str(path)) as file:
                rate, samples = file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), "<i2")
        else:
            rate, samples = 16_000, np.fromfile(path, "<i2")
        found.append(soxr.resample(samples / 32768, rate, SAMPLE_RATE))
    return np.concatenate(found)


def at(sound: NDArray[np.float64], lufs: float, seconds: int) -> NDArray[np.float64]:
    """Return so many seconds of it, so loud."""
    louder = sound * 10 ** ((lufs - meter.integrated_loudness(sound)) / 20)
    return np.tile(louder, seconds * SAMPLE_RATE // len(sound) + 1)[: seconds * SAMPLE_RATE]


def levelled(sound: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mix of this one talker, and the gain (dB) at the end of each of its frames."""
    desk, heard, gains = MixingDesk(AudioSettings(levelling=True, level_lufs=TARGET), Choices()), [], []
    frames = np.clip(np.rint(sound * 32768), -32768, 32767).astype("<i2").reshape(-1, FRAME_SAMPLES)
    for tick, frame in enumerate(frames):
        now_ns = tick * TICK_NS
        header = AudioFrame(peer="1.PS5", boot="m", tick=tick, tick_ns=now_ns, sounding=True)
        desk.chain.inbox.append(TalkerFrame(header, frame.tobytes(), now_ns))
        heard.append(desk.chain.frame(now_ns, now_ns)[0][0].copy())
        voice = desk.chain.mixer.voices.get("1.PS5")
        gains.append(voice.level.now_db if voice else 0.0)
        if tick % 10 == 9:
            desk.poll()
    return np.concatenate(heard).astype(np.float64), np.array(gains)


@pytest.mark.parametrize("name", VOICES)
@pytest.mark.parametrize("lufs", [-40.0, -12.0])
def test_a_quiet_and_a_loud_voice_come_to_the_target_without_a_step_that_is_heard(name: str, lufs: float) -> None:
    seconds = FOUND_S + 25  # the longest recording once over
    mix, gains = levelled(at(voice(name), lufs, seconds))
    assert meter.integrated_loudness(mix[FOUND_S * SAMPLE_RATE :]) == pytest.approx(TARGET, abs=2.0)
    assert np.abs(np.diff(gains)).max() < STEP_DB


@pytest.mark.parametrize("name", VOICES)
@pytest.mark.parametrize("below", [12.0, 25.0])
def test_a_pause_does_not_pull_up_the_noise_behind_a_voice(name: str, below: float) -> None:
    """He speaks, is silent for 25 s with his fan on, and speaks again."""
    spoken = at(voice(name), -32.0, 25)
    sound = np.concatenate([spoken, np.zeros_like(spoken), spoken])
    fan = np.random.default_rng(1).standard_normal(len(sound))
    sound += fan * 10 ** ((-32.0 - below - meter.integrated_loudness(fan)) / 20)
    _, gains = levelled(sound)
    speaking, pause, again = gains[:2500], gains[2500:5000], gains[5000:]
    assert speaking[-1] > 5
    assert np.abs(pause - speaking[-1]).max() < 0.5
    assert np.abs(again - speaking[-1]).max() < 1.5
