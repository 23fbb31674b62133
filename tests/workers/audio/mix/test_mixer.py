from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, SAMPLE_RATE, AudioFrame
from workers.audio.mix.mixer import FADE_SAMPLES, LEVEL_FRAMES, Gain, Mixer, Voice, gain_factor, peak_dbfs
from workers.audio.mix.talker_frames import MixStep, TalkerFrame


def part(samples: NDArray[np.int16], peer: str = "1.PS5") -> TalkerFrame:
    return TalkerFrame(AudioFrame(peer=peer, boot="m", tick=0, tick_ns=0, sounding=True), samples.tobytes())


def mixed(
    mixer: Mixer, *parts: TalkerFrame, gaps: tuple[str, ...] = (), spliced: bool = False, rows: int = 1
) -> NDArray[np.float32]:
    out = np.full((rows, FRAME_SAMPLES), 9, np.float32)
    mixer.mix(MixStep(list(parts), list(gaps), spliced), out)
    return out[0] if rows == 1 else out


def constant(value: int) -> NDArray[np.int16]:
    return np.full(FRAME_SAMPLES, value, np.int16)


def test_a_lone_talker_passes_bit_by_bit() -> None:
    everything = np.arange(-32768, 32768, dtype=np.int16)[: 65536 // FRAME_SAMPLES * FRAME_SAMPLES]
    mixer = Mixer()
    for frame in everything.reshape(-1, FRAME_SAMPLES):
        assert np.array_equal(mixed(mixer, part(frame)) * 32768, frame)


def test_talkers_are_summed() -> None:
    out = mixed(Mixer(), part(constant(1000)), part(constant(-300), "2.PS5"))
    assert np.array_equal(out * 32768, constant(700))


def test_a_gain_moves_over_one_frame_and_stays() -> None:
    mixer = Mixer()
    mixed(mixer, part(constant(10_000)))
    mixer.voice("1.PS5").set(-6.0, muted=False)
    moving = mixed(mixer, part(constant(10_000))) * 32768
    assert np.abs(np.diff(moving)).max() < 12  # no step: 5000 in 480 samples
    assert moving[0] == pytest.approx(10_000, rel=0.01)
    assert mixed(mixer, part(constant(10_000)))[-1] * 32768 == pytest.approx(10_000 * gain_factor(-6), rel=1e-5)


def test_levelling_moves_over_ten_frames_and_a_mute_does_not_wait_for_it() -> None:
    mixer = Mixer()
    mixed(mixer, part(constant(10_000)))
    voice = mixer.voice("1.PS5")
    voice.level_db = 6.0
    voice.refresh()
    heard = np.concatenate([mixed(mixer, part(constant(10_000))) for _ in range(LEVEL_FRAMES)]) * 32768
    assert np.abs(np.diff(heard)).max() < 2.5  # 10,000 in 4800 samples
    assert heard[2400] == pytest.approx(15_000, rel=0.01)
    assert mixed(mixer, part(constant(10_000)))[0] * 32768 == pytest.approx(10_000 * gain_factor(6), rel=1e-5)
    voice.level_db = -6.0
    voice.set(0.0, muted=True)
    mixed(mixer, part(constant(10_000)))
    assert not mixed(mixer, part(constant(10_000))).any()


def test_a_mute_is_silent_after_one_frame_and_ends_without_a_click() -> None:
    mixer = Mixer()
    mixed(mixer, part(constant(10_000)))
    voice = mixer.voice("1.PS5")
    voice.set(0.0, muted=True)
    assert np.abs(np.diff(mixed(mixer, part(constant(10_000))))).max() < 0.002
    assert not mixed(mixer, part(constant(10_000))).any()
    voice.set(0.0, muted=False)
    assert np.abs(np.diff(mixed(mixer, part(constant(10_000))))).max() < 0.002


def test_a_talker_with_a_remembered_gain_has_it_from_the_first_sample() -> None:
    mixer = Mixer(0.0, lambda _peer: Voice(-20.0))
    assert mixed(mixer, part(constant(10_000)))[0] * 32768 == pytest.approx(1000, rel=1e-5)


def test_the_master_gain_is_applied_to_all() -> None:
    out = mixed(Mixer(-20.0), part(constant(10_000)), part(constant(10_000), "2.PS5"))
    assert out[0] * 32768 == pytest.approx(2000, rel=1e-5)


def test_while_anybody_is_solo_only_those_who_are_are_heard() -> None:
    mixer = Mixer()
    both = part(constant(1000)), part(constant(500), "2.PS5")
    mixed(mixer, *both)
    mixer.voice("2.PS5").set(0.0, muted=False, solo=True)
    mixer.resolve_solo()
    mixed(mixer, *both)
    assert mixed(mixer, *both)[-1] * 32768 == 500
    assert mixed(mixer, *both, part(constant(4000), "3.PS5"))[0] * 32768 == 500  # nor is one who comes later
    del mixer.voices["2.PS5"]
    mixer.resolve_solo()  # he has left: nobody is to sit in silence
    mixed(mixer, both[0])
    assert mixed(mixer, both[0])[-1] * 32768 == 1000


def test_a_routed_talker_is_in_the_mix_and_alone_on_his_own_row() -> None:
    mixer = Mixer(-20.0)
    mixer.voice("2.PS5").rows = (2,)
    out = mixed(mixer, part(constant(10_000)), part(constant(5000), "2.PS5"), rows=3) * 32768
    assert out[0, -1] == pytest.approx(1500, rel=1e-5)
    assert not out[1].any()
    assert np.array_equal(out[2], constant(5000))  # the master gain is the mix's


def slope(sound: NDArray[np.float32]) -> float:
    return float(np.abs(np.diff(sound)).max())


def test_a_gap_fades_out_and_in_without_a_click() -> None:
    sine = np.rint(12_000 * np.sin(2 * np.pi * 200 * np.arange(FRAME_SAMPLES * 3) / SAMPLE_RATE)).astype(np.int16)
    first, _, third = (sine + 6000).astype(np.int16).reshape(3, -1)
    mixer = Mixer()
    heard = np.concatenate(
        [
            mixed(mixer, part(first)),
            mixed(mixer, gaps=("1.PS5",)),
            mixed(mixer, gaps=("1.PS5",)),
            mixed(mixer, part(third)),
        ]
    )
    assert slope(heard) < 0.03
    assert not heard[FRAME_SAMPLES + FADE_SAMPLES : FRAME_SAMPLES * 3].any()
    assert np.array_equal(heard[FRAME_SAMPLES * 3 + FADE_SAMPLES :] * 32768, third[FADE_SAMPLES:])


def test_a_splice_fades_from_the_one_to_the_other() -> None:
    mixer = Mixer()
    before = mixed(mixer, part(constant(10_000)))
    after = mixed(mixer, part(constant(-10_000)), spliced=True)
    assert slope(np.concatenate([before, after])) < 0.01
    assert after[-1] * 32768 == -10_000


def test_speech_that_begins_after_silence_is_not_faded() -> None:
    mixer = Mixer()
    mixed(mixer, part(constant(5)))
    mixed(mixer, TalkerFrame(AudioFrame(peer="1.PS5", boot="m", tick=1, tick_ns=0), b""))
    assert mixed(mixer, part(constant(8000)))[0] * 32768 == 8000


def test_the_peak_of_a_talker_is_after_gain_and_is_taken_once() -> None:
    mixer = Mixer(0.0, lambda _peer: Voice(-20.0))
    mixed(mixer, part(constant(-32768)))
    voice = mixer.voice("1.PS5")
    assert peak_dbfs(voice.take_peak()) == pytest.approx(-20.0, abs=0.01)
    assert peak_dbfs(voice.take_peak()) == -120.0


@pytest.mark.parametrize("factor", [0.0, 0.5, 1.0, 2.0])
def test_a_gain_that_stays_multiplies_by_its_factor(factor: float) -> None:
    frame = np.ones(FRAME_SAMPLES, np.float32)
    Gain(factor).apply(frame)
    assert set(frame.tolist()) == {factor}


def test_a_splice_of_the_same_sound_is_not_heard() -> None:
    mixer = Mixer()
    mixed(mixer, part(constant(10_000)))
    assert mixed(mixer, part(constant(10_000)), spliced=True) * 32768 == pytest.approx(constant(10_000), rel=1e-6)
