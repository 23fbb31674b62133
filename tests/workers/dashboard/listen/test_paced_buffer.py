"""What a media player gets at its own pace: a tone through the buffer, with clocks that differ, jitter and stalls."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from workers.dashboard.listen.audio_sources import Batch
from workers.dashboard.listen.paced_buffer import TARGET_MS, PacedBuffer

STEP = 2 * np.pi * 440 / 48_000
PACKET = 960


def batch(tick: int, *, loud: bool = True, boot: int = 7) -> Batch:
    at = np.arange(tick * 480, tick * 480 + PACKET)
    sound = np.rint(16384 * np.sin(STEP * at)).astype("<i2")
    return Batch(boot, tick, (sound[:480].tobytes(), sound[480:].tobytes()) if loud else (b"", b""))


def run(
    buffer: PacedBuffer,
    seconds: float,
    ppm: float = 0.0,
    jitter_ms: float = 0.0,
    stall: tuple[float, float] = (0.0, 0.0),
) -> NDArray[np.float32]:
    """Return what is read while a tone is written at a pace that is off by `ppm`, late by up to `jitter_ms`."""
    noise = np.random.default_rng(3)
    heard, tick, late_s = [], 0, 0.0
    for number in range(round(seconds * 50)):
        now = number / 50
        while not stall[0] <= now < stall[1] and tick / 100 + late_s <= now * (1 + ppm / 1e6):
            buffer.write(batch(tick), 1.0)
            tick += 2
            late_s = float(noise.uniform(0, jitter_ms / 1000))
        heard.append(buffer.read(PACKET)[0])
    return np.concatenate(heard)


def roughest(sound: NDArray[np.float32]) -> float:
    """Return the largest second difference, which a click raises."""
    return float(np.abs(np.diff(sound, 2)).max())


@pytest.mark.parametrize("ppm", [-500, 0, 500])
def test_a_clock_that_is_off_costs_no_gap_no_click_and_no_delay(ppm: float) -> None:
    buffer = PacedBuffer()
    sound = run(buffer, 60, ppm, jitter_ms=12)
    assert (buffer.underruns, buffer.dropped_ms) == (0, 0.0)
    assert buffer.fill_ms < TARGET_MS + 25
    assert abs(buffer.ppm - ppm) < 450
    assert roughest(sound[48_000:]) < 0.5 * STEP**2 * 1.15  # what the tone itself has


@pytest.mark.parametrize("stall_s", [0.15, 1.2])
def test_after_a_stall_the_delay_is_what_it_was(stall_s: float) -> None:
    buffer = PacedBuffer()
    sound = run(buffer, 70, stall=(10.0, 10.0 + stall_s))
    assert buffer.underruns == 1
    assert buffer.fill_ms < buffer.target_ms + 40
    assert np.abs(sound[20 * 48_000 :]).max() > 0.45


def test_a_sender_that_starts_anew_makes_no_click() -> None:
    buffer = PacedBuffer()
    heard = []
    for number in range(30):
        tick, boot = (2 * number, 7) if number < 15 else (2 * number + 101, 8)
        buffer.write(batch(tick, boot=boot), 1.0)
        heard.append(buffer.read(PACKET)[0])
    assert roughest(np.concatenate(heard)[1920 + 96 :]) < 0.02


def test_in_silence_an_excess_is_cut_at_once() -> None:
    buffer = PacedBuffer()
    for tick in range(0, 20, 2):
        buffer.write(batch(tick, loud=False), 1.0)
    for tick in range(20, 70, 2):
        buffer.write(batch(tick, loud=False), 1.0)
        buffer.read(PACKET)
    assert buffer.fill_ms < TARGET_MS + 40


def test_a_gain_is_applied_without_a_step() -> None:
    buffer = PacedBuffer()
    heard = []
    for number in range(40):
        buffer.write(batch(2 * number), 1.0 if number < 20 else 0.25)
        heard.append(buffer.read(PACKET)[0])
    sound = np.concatenate(heard)
    assert np.abs(sound[-4 * PACKET :]).max() == pytest.approx(0.125, abs=0.01)
    assert roughest(sound[PACKET * 5 :]) < 0.5 * STEP**2 * 1.3


def test_a_talker_who_is_muted_from_the_first_packet_on_is_not_heard() -> None:
    buffer = PacedBuffer()
    heard = []
    for number in range(10):
        buffer.write(batch(2 * number), 0.0)
        heard.append(buffer.read(PACKET)[0])
    assert not np.concatenate(heard).any()


def test_without_a_source_there_is_silence() -> None:
    assert not PacedBuffer().read(PACKET).any()


def test_two_channels_stay_in_step_and_apart() -> None:
    buffer = PacedBuffer(channels=2)
    heard = []
    for number in range(100):
        mono = np.frombuffer(b"".join(batch(2 * number).samples), "<i2")
        wide = np.column_stack((mono, -(mono // 2))).reshape(2, -1)
        buffer.write(Batch(7, 2 * number, tuple(frame.tobytes() for frame in wide)), 1.0)
        heard.append(buffer.read(PACKET))
    left, right = np.concatenate(heard, axis=1)
    assert np.abs(left).max() > 0.45
    assert np.abs(left + 2 * right).max() < 1e-3
    assert roughest(left[4800:]) < 0.5 * STEP**2 * 1.15


def delays(stall_s: float, sound: NDArray[np.int16]) -> list[float]:
    """Return the fill before each packet, while a voice is sent that stops at 10 s and is sent at once afterwards."""
    buffer, sent, found = PacedBuffer(), 0, []
    for number in range(40 * 50):
        now = number / 50
        while not 10 <= now < 10 + stall_s and sent / 48_000 <= now:
            piece = sound[sent : sent + PACKET].astype("<i2")
            buffer.write(Batch(7, sent // 480, (piece[:480].tobytes(), piece[480:].tobytes())), 1.0)
            sent += PACKET
        found.append(buffer.fill_ms)
        buffer.read(PACKET)
    return found


@pytest.mark.parametrize("stall_s", [0.1, 0.24])
def test_what_a_stall_adds_is_given_back_within_ten_seconds_while_somebody_speaks(stall_s: float) -> None:
    at = np.arange(41 * 48_000)
    phase = np.cumsum(2 * np.pi * (130 + 20 * np.sin(2 * np.pi * at / 48_000 / 3)) / 48_000)  # a voice, never silent
    voice = np.rint(sum(6000 / number * np.sin(number * phase) for number in range(1, 8))).astype(np.int16)
    found = np.array(delays(stall_s, voice))
    usual = found[300:500].mean()
    ended = round((10 + stall_s) * 50) + 1
    assert found[ended : ended + 25].mean() > usual + stall_s * 500
    assert found[ended + 500 : ended + 600].mean() < usual + 15
    assert found[-100:].mean() == pytest.approx(usual, abs=12)
