from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from common.basic.pitch import LONGEST
from workers.dashboard.listen.shortening import QUIET, QUIET_PIECE, ROOM, SHARE, Shortening

PACKET = 960
AT = 100


def hum(period: int, count: int = 8000, level: float = 0.3) -> NDArray[np.float32]:
    """Return a voice of that period, on two channels."""
    at = np.arange(count)
    sound = sum(np.sin(2 * np.pi * harmonic * at / period) / harmonic for harmonic in range(1, 6))
    return np.stack((level * sound, -level * sound / 2)).astype(np.float32)


def patient(take: Shortening, sound: NDArray[np.float32], most: float = 8000.0) -> int:
    """Ask for packet after packet, until something is taken. Return it, or 0."""
    return next((taken for _ in range(20) if (taken := take.take(sound, AT, most, PACKET))), 0)


@pytest.mark.parametrize("period", [240, 400, 533])
def test_periods_are_taken_out_of_a_voice_on_all_channels_without_a_seam(period: int) -> None:
    sound = hum(period)
    before = sound.copy()
    taken = patient(Shortening(), sound)
    assert taken
    assert taken % period in (0, 1, period - 1)
    heard = np.concatenate((sound[:, :AT], sound[:, AT + taken :]), axis=1)
    assert np.abs(np.diff(heard, 2)).max() <= np.abs(np.diff(before, 2)).max() * 1.05
    assert heard[0] == pytest.approx(-2 * heard[1], abs=1e-6)
    assert np.array_equal(sound[:, AT + taken - 4 : AT + taken], before[:, AT - 4 : AT]), "the interpolation looks back"
    assert np.array_equal(sound[:, AT + 2 * taken :], before[:, AT + 2 * taken :])


def test_speech_becomes_no_faster_than_its_share() -> None:
    shortening, packets = Shortening(), 500
    taken = sum(shortening.take(hum(240), AT, 8000.0, PACKET) for _ in range(packets))
    assert shortening.taken == taken
    assert SHARE * 0.8 < taken / (packets * PACKET) <= SHARE + LONGEST / (packets * PACKET)


def test_noise_is_left_alone_and_quiet_is_not() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, (1, 8000)).astype(np.float32)
    before = noise.copy()
    assert patient(Shortening(), noise) == 0
    assert np.array_equal(noise, before)
    assert patient(Shortening(), noise * QUIET) == QUIET_PIECE


@pytest.mark.parametrize(("at", "length", "most"), [(AT, AT + ROOM - 1, 8000.0), (3, 8000, 8000.0), (AT, 8000, 239.0)])
def test_nothing_is_taken_without_room_or_beyond_what_is_too_much(at: int, length: int, most: float) -> None:
    shortening, sound = Shortening(), np.zeros((1, length), np.float32)
    assert not any(shortening.take(sound, at, most, PACKET) for _ in range(20))


def test_a_piece_fades_from_what_was_before_it_into_what_comes_after_it() -> None:
    quiet = np.random.default_rng(2).uniform(-1, 1, (2, AT + ROOM)).astype(np.float32) * QUIET / 2
    before = quiet.copy()
    assert patient(Shortening(), quiet) == QUIET_PIECE == 240  # 5 ms
    first, second = before[:, AT : AT + 240], before[:, AT + 240 : AT + 480]
    up = np.linspace(0, 1, 240)
    assert quiet[:, AT + 240 : AT + 480] == pytest.approx(first * (1 - up) + second * up, abs=1e-7)
    assert np.array_equal(quiet[:, AT + 480 :], before[:, AT + 480 :])


@pytest.mark.parametrize(("peak_db", "goes"), [(-50.2, True), (-49.8, False)])
def test_quiet_ends_at_50_db_below_full_scale_and_only_what_comes_next_counts(peak_db: float, *, goes: bool) -> None:
    sound = np.random.default_rng(3).normal(0, 0.1, (1, 8000)).astype(np.float32)
    near = sound[:, AT : AT + ROOM]
    near *= 10 ** (peak_db / 20) / np.abs(near).max()
    assert bool(patient(Shortening(), sound)) is goes
