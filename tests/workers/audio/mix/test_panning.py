"""A talker between left and right: the mix's sides, and the limiter of both channels."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, LEFT, MIX_PEER, OUTPUT_PEER, RECORD_PEER, RIGHT, SAMPLE_RATE, AudioFrame
from workers.audio.mix.chain import Chain
from workers.audio.mix.limiter import CEILING, LOOK_AHEAD, Limiter
from workers.audio.mix.mixer import FADE_SAMPLES, Mixer, gain_factor
from workers.audio.mix.panning import HOLD_FRAMES, SIDES, StereoLimiter, side_factors
from workers.audio.mix.talker_frames import MixStep, TalkerFrame

FRAME_NS = 10_000_000
EDGE = 2**0.5


def tone(frames: int, level: float = 0.5, hertz: float = 200.0) -> NDArray[np.int16]:
    at = np.arange(frames * FRAME_SAMPLES)
    return np.rint(32768 * level * np.sin(2 * np.pi * hertz * at / SAMPLE_RATE)).astype(np.int16)


def part(samples: NDArray[np.int16], peer: str = "1.PS5", tick: int = 0) -> TalkerFrame:
    frame = AudioFrame(peer=peer, boot="m", tick=tick, tick_ns=tick * FRAME_NS, arrived_ns=1, sounding=True)
    return TalkerFrame(frame, samples.tobytes(), tick * FRAME_NS)


def mixed(mixer: Mixer, *parts: TalkerFrame, gaps: tuple[str, ...] = ()) -> NDArray[np.float32]:
    """Return mix, left and right."""
    out = np.full((1 + SIDES, FRAME_SAMPLES), 9, np.float32)
    mixer.mix(MixStep(list(parts), list(gaps)), out)
    return np.stack((out[0], out[0] + out[1], out[0] + out[2]))


def panned(pan: float, peer: str = "1.PS5") -> Mixer:
    mixer = Mixer()
    voice = mixer.voice(peer)
    voice.pan_to(pan)
    voice.settle()
    return mixer


@pytest.mark.parametrize("pan", [-1.0, -0.6, -0.1, 0.0, 0.3, 1.0])
def test_the_power_of_both_channels_stays_and_the_mix_is_complete(pan: float) -> None:
    left, right = (1 + side for side in side_factors(pan))
    assert left**2 + right**2 == pytest.approx(2)
    assert (left > right) == (pan < 0)
    sound = tone(1)
    heard = mixed(panned(pan), part(sound)) * 32768
    assert np.array_equal(heard[0], sound), "a mono output loses nothing"
    assert heard[1] == pytest.approx(sound * left, abs=0.01)
    assert heard[2] == pytest.approx(sound * right, abs=0.01)


def test_in_the_middle_both_channels_are_the_mix_bit_by_bit_and_nothing_is_wide() -> None:
    mixer = panned(0.0)
    mix, left, right = mixed(mixer, part(tone(1)))
    assert np.array_equal(mix, left)
    assert np.array_equal(mix, right)
    assert not mixer.is_wide


def test_others_stay_in_the_middle_and_gains_reach_both_channels() -> None:
    mixer = panned(-1.0)
    mixer.voice("1.PS5").set(-6.0, muted=False)
    mixer.voice("1.PS5").settle()
    mixer.master.change_to(0.5)
    mixer.master.settle()
    one, other = tone(1), tone(1, hertz=300)
    mix, left, right = mixed(mixer, part(one), part(other, "2.PS5")) * 32768
    gain = gain_factor(-6)
    assert mix == pytest.approx(0.5 * (gain * one + other), abs=0.1)
    assert left == pytest.approx(0.5 * (EDGE * gain * one + other), abs=0.1)
    assert right == pytest.approx(0.5 * other, abs=0.1)


def test_a_voice_moves_over_one_frame_and_back_without_a_click() -> None:
    mixer, sound = Mixer(), tone(5)
    heard = []
    for number, frame in enumerate(sound.reshape(5, -1)):
        mixer.voice("1.PS5").pan_to(1.0 if number in {1, 2} else 0.0)
        heard.append(mixed(mixer, part(frame)))
        assert mixer.is_wide == (number in {1, 2, 3})
    steps = np.abs(np.diff(np.concatenate(heard, axis=1)))
    assert steps.max() < 0.5 * EDGE * 2 * np.pi * 200 / SAMPLE_RATE * 1.2


def test_a_gap_of_a_panned_voice_fades_on_both_channels() -> None:
    mixer, sound = panned(0.7), tone(3)
    first, _, third = (sound // 2 + 8000).reshape(3, -1)
    heard = np.concatenate(
        (mixed(mixer, part(first)), mixed(mixer, gaps=("1.PS5",)), mixed(mixer, part(third))), axis=1
    )
    assert np.abs(np.diff(heard)).max() < 0.03
    assert not heard[:, FRAME_SAMPLES + FADE_SAMPLES : 2 * FRAME_SAMPLES].any()


def limited(limiter: StereoLimiter, mix: Limiter, left: NDArray[np.float32], right: NDArray[np.float32], *, wide: bool):
    """Return mix, left and right of one frame behind the limiter. Left and right are of voices at the edges."""
    frame = np.zeros((1 + SIDES, FRAME_SAMPLES), np.float32)
    frame[0] = (left + right) / EDGE if wide else left
    frame[1:] = np.stack((left, right)) - frame[0] if wide else 0
    limiter.process(frame, is_wide=wide)
    assert limiter.peak(frame) == max(np.abs(frame[0]).max(), np.abs(frame[0] + frame[1:]).max())
    return frame[0].copy(), frame[0] + frame[1], frame[0] + frame[2]


def test_a_peak_on_one_side_lowers_the_other_by_as_much_and_leaves_the_mix() -> None:
    mix = Limiter()
    limiter, heard = StereoLimiter(mix), []
    loud, quiet = (tone(30, level).astype(np.float32).reshape(30, -1) / 32768 * 1.3 for level in (0.999, 0.3))
    for left, right in zip(loud, quiet, strict=True):
        heard.append(np.stack(limited(limiter, mix, left, right, wide=True)))
    sound = np.concatenate(heard, axis=1)[:, 5 * FRAME_SAMPLES :]
    assert np.abs(sound).max() <= CEILING + 1e-6
    ratio = loud.max() / quiet.max()
    audible = np.abs(sound[2]) > 0.05
    assert sound[1][audible] / sound[2][audible] == pytest.approx(ratio, rel=0.01), "the voices stay where they are"


def test_both_channels_begin_and_end_as_the_mix_goes_on() -> None:
    mix = Limiter()
    limiter, heard = StereoLimiter(mix), []
    frames = tone(30, 0.4).astype(np.float32).reshape(30, -1) / 32768
    for number, mono in enumerate(frames):
        frame = np.repeat(mono[np.newaxis], 3, axis=0)
        frame[1:] = 0
        limiter.process(frame, is_wide=number == 10)
        heard.append(frame[0] + frame[1:])
        assert limiter.is_wide == (number >= 10)
    sound = np.concatenate(heard, axis=1)
    assert np.array_equal(sound[0, LOOK_AHEAD:], frames.ravel()[:-LOOK_AHEAD])
    silent = np.zeros((3, FRAME_SAMPLES), np.float32)
    for _ in range(HOLD_FRAMES):
        limiter.process(silent, is_wide=False)
    assert not limiter.is_wide


def test_both_channels_are_published_only_while_somebody_is_panned_and_never_for_the_recorder() -> None:
    told: list[tuple[str, int, NDArray[np.float32]]] = []
    chain = Chain(10, tap=lambda peer, number, _at, samples: told.append((peer, number, samples.copy())))
    chain.feed_outputs(is_needed=True)
    chain.delay.set_ms(10)
    sound = tone(4).reshape(4, -1)
    for tick, frame in enumerate(sound):
        chain.mixer.voice("1.PS5").pan_to(-1.0 if tick else 0.0)
        chain.inbox.append(part(frame, tick=tick))
        chain.frame(tick * FRAME_NS, tick * FRAME_NS)
    wide = [peer + side for peer in (OUTPUT_PEER, MIX_PEER) for side in (LEFT, RIGHT, "")]
    assert [peer for peer, number, _ in told if number == 0] == [RECORD_PEER, OUTPUT_PEER, MIX_PEER]
    assert [peer for peer, number, _ in told if number == 3] == [RECORD_PEER, *wide]
    last = {peer: samples for peer, number, samples in told if number == 3}
    assert last[OUTPUT_PEER + LEFT] == pytest.approx(last[OUTPUT_PEER] * EDGE, abs=1e-4)
    assert np.abs(last[OUTPUT_PEER + RIGHT]).max() < 1e-4
    assert np.array_equal(last[MIX_PEER + LEFT], next(s for p, n, s in told if (p, n) == (OUTPUT_PEER + LEFT, 2)))
    assert chain.take_peak() == pytest.approx(0.5 * EDGE, abs=0.01)


def test_at_the_edges_a_voice_is_on_one_side_alone_and_half_way_it_is_shared() -> None:
    assert side_factors(-1) == pytest.approx((EDGE - 1, -1))
    assert side_factors(1) == pytest.approx((-1, EDGE - 1))
    left, right = (1 + side for side in side_factors(0.5))
    assert (left, right) == pytest.approx((EDGE * np.cos(np.pi * 3 / 8), EDGE * np.sin(np.pi * 3 / 8)))


def test_both_channels_cost_nothing_before_somebody_is_panned_and_are_held_for_a_while_afterwards() -> None:
    mix = Limiter()
    limiter, loud = StereoLimiter(mix), tone(1, 0.999).astype(np.float32) / 16384
    frame = np.zeros((3, FRAME_SAMPLES), np.float32)
    for _ in range(3):
        frame[0] = loud
        limiter.process(frame, is_wide=False)
    assert limiter._both.limited == 0
    limiter.process(frame, is_wide=True)
    assert limiter._both._gain == mix._gain, "it goes on as the mix was"
    held = []
    for _ in range(HOLD_FRAMES + 10):
        held.append(limiter.is_wide)
        limiter.process(frame, is_wide=False)
    assert held.count(True) == HOLD_FRAMES
    assert not held[-1]


def test_the_peak_is_the_furthest_sample_of_any_channel_and_sign() -> None:
    limiter, frame = StereoLimiter(Limiter()), np.zeros((3, FRAME_SAMPLES), np.float32)
    frame[0, 7] = -0.25
    assert limiter.peak(frame) == 0.25
    limiter.process(np.zeros((3, FRAME_SAMPLES), np.float32), is_wide=True)
    frame[2, 7] = -0.25
    assert limiter.peak(frame) == 0.5
