"""The receive path, one test a fault: what the network does, and what is heard of it."""

from __future__ import annotations

import random

import numpy as np
import pytest

from common.bus.voice.conceal import level_db
from common.messages import FRAME_SAMPLES
from tests.workers.media.receive.playing import BEGAN_NS, COMFORT, MS, RED, new_path, play, spoken, stream
from tests.workers.media.voice import encode, likeness, rtp, voice
from workers.media.receive.buffer.rtp import Rtp

EVERY_TENTH = 10


def test_clean_the_voice_is_exact_and_nothing_is_made_up() -> None:
    source, packets = spoken()
    played = play(stream(packets))
    assert likeness(source, played.samples) > 0.97
    assert played.concealed == 0
    assert played.path.stats.recovered == 0
    assert played.path.stats.delay_ns < 60 * MS  # what the first seconds keep for a lost packet


def test_the_same_input_gives_the_same_samples_bit_for_bit() -> None:
    _, packets = spoken()
    draw = random.Random(5)
    fates = [None if draw.random() < 0.1 else draw.uniform(0, 50) for _ in packets]
    once, again = (play(stream(packets, lambda n: fates[n])) for _ in range(2))
    assert once.samples.tobytes() == again.samples.tobytes()
    assert [f.arrived_ns for f in once.frames] == [f.arrived_ns for f in again.frames]


def test_hiccups_of_a_busy_machine_are_heard_at_the_beginning_only() -> None:
    _, packets = spoken()
    played = play(stream(packets, lambda n: 24.0 if n % 23 == 22 else 0.0))
    assert played.concealed <= 5, "the first three"
    assert not any(frame.concealed for frame in played.frames[300:])


def test_small_jitter_is_heard_in_the_first_second_only() -> None:
    source, packets = spoken()
    draw = random.Random(1)
    played = play(stream(packets, lambda n: draw.uniform(0, 20)))
    assert played.concealed <= 4, "in the first second"
    assert not any(frame.concealed for frame in played.frames[100:])
    assert likeness(source, played.samples) > 0.97


def test_jitter_beyond_the_delay_raises_it_so_that_it_is_heard_at_the_beginning_only() -> None:
    _, packets = spoken()
    draw = random.Random(2)
    played = play(stream(packets, lambda n: draw.uniform(0, 60)))
    assert sum(frame.concealed for frame in played.frames[200:]) == 0
    assert played.path.delay.target_ns > 50 * MS


def test_loss_of_every_tenth_packet_is_recovered_from_in_band_fec() -> None:
    source, packets = spoken()
    played = play(stream(packets, lambda n: None if n % EVERY_TENTH == 9 else 0.0))
    lost = len(packets) // EVERY_TENTH
    assert played.path.buffer.lost in (lost, lost - 1)  # of the last one nobody can know
    assert played.path.stats.recovered > 2 * lost  # of four frames each; silence carries no copy
    assert played.concealed < played.path.stats.recovered / 2
    assert likeness(source, played.samples) > 0.95


def test_loss_without_fec_is_concealed_for_as_long_as_it_lasts() -> None:
    source = voice(8.0)
    packets = encode(source, fec=False)
    played = play(stream(packets, lambda n: None if n % EVERY_TENTH == 9 else 0.0))
    assert played.path.stats.recovered == 0
    assert 3 * len(packets) // EVERY_TENTH <= played.concealed <= 8 * len(packets) // EVERY_TENTH


def test_loss_of_many_packets_fades_to_silence_and_the_voice_comes_back() -> None:
    _, packets = spoken()
    played = play(stream(packets, lambda n: None if 20 <= n < 45 else 0.0))
    silent = [frame.samples is None for frame in played.frames]
    assert sum(silent[100:180]) > 60
    assert not all(silent[190:])
    assert played.concealed <= 24


def test_redundancy_replaces_a_lost_packet_exactly() -> None:
    source, packets = spoken()
    reds = []
    for number, (timestamp, payload) in enumerate(packets):
        before = packets[number - 1][1] if number else b""
        header = (0x80 | 96).to_bytes(1, "big") + (1920 << 10 | len(before)).to_bytes(3, "big") if before else b""
        reds.append((timestamp, header + bytes([96]) + before + payload))
    arrivals = [
        (at, Rtp(p.sequence, p.timestamp, p.ssrc, RED, p.payload))
        for at, p in stream(reds, lambda n: None if n % EVERY_TENTH == 9 else 0.0)
    ]
    played = play(arrivals)
    assert played.path.stats.recovered >= 4 * (len(packets) // EVERY_TENTH - 4)
    assert played.concealed <= 20
    assert likeness(source, played.samples) > 0.96


def test_two_losses_in_a_row_are_mended_by_the_copy_in_the_copy() -> None:
    source, packets = spoken()
    reds = []
    for number, (timestamp, payload) in enumerate(packets):
        before = packets[number - 1][1] if number else b""
        header = (0x80 | 96).to_bytes(1, "big") + (1920 << 10 | len(before)).to_bytes(3, "big") if before else b""
        reds.append((timestamp, header + bytes([96]) + before + payload))
    arrivals = [
        (at, Rtp(p.sequence, p.timestamp, p.ssrc, RED, p.payload))
        for at, p in stream(reds, lambda n: None if n % EVERY_TENTH in (8, 9) else 0.0)
    ]
    played = play(arrivals)
    assert played.path.stats.red_packets > 15
    assert played.path.stats.fec_packets > 10
    assert sum(frame.concealed for frame in played.frames[400:]) <= 8
    assert likeness(source, played.samples) > 0.95


def test_a_word_whose_first_packet_is_lost_after_a_pause_begins_with_its_copy() -> None:
    source, packets = spoken()
    gone = {n for n in range(50, len(packets)) if n % 50 in (18, 19, 20)}
    played = play(stream(packets, lambda n: None if n in gone else 0.0))
    assert played.path.stats.fec_packets >= len(gone) // 3 - 2
    assert likeness(source, played.samples) > 0.9


def test_what_comes_late_after_a_long_hole_is_played_to_the_last_word() -> None:
    _, packets = spoken()
    played = play(stream(packets, lambda n: max(0.0, 220.0 - (n - 60) * 40) if 60 <= n < 66 else 0.0))
    assert played.path.buffer.late == 0
    heard_s = sum(frame.samples is not None for frame in played.frames) / 100
    assert heard_s > len(packets) * 0.04 - 0.3
    assert played.path.rendering.time_scaler.removed > 48 * 60  # and the delay is brought back


def test_comfort_noise_is_heard_at_its_level_until_the_voice_is_back() -> None:
    _, packets = spoken()
    arrivals = [
        (at, Rtp(p.sequence, p.timestamp, p.ssrc, COMFORT, b"\x3c") if n == 60 else p)
        for n, (at, p) in enumerate(stream(packets, lambda n: None if 60 < n < 100 else 0.0))
    ]
    played = play(arrivals)
    noise = played.samples[FRAME_SAMPLES * 290 : FRAME_SAMPLES * 380]
    assert abs(level_db(noise) + 60) < 2
    assert played.concealed == 0


def test_a_sender_that_saves_packets_leaves_its_background_behind() -> None:
    background = np.random.default_rng(1).normal(0, 50, 8 * 16_000)
    packets = encode((voice(8.0) * 0.5 + background).astype(np.int16))
    saved = [(ts, p[:1] if 60 <= n < 80 and n % 10 == 0 else p) for n, (ts, p) in enumerate(packets)]
    played = play(stream(saved, lambda n: None if 60 <= n < 80 and n % 10 else 0.0))
    assert len(played.frames) > 700
    assert all(frame.samples is not None for frame in played.frames[250:300])


def test_reordered_packets_are_put_in_order() -> None:
    source, packets = spoken()
    played = play(stream(packets, lambda n: 45.0 if n % 7 == 3 else 0.0))
    assert likeness(source, played.samples) > 0.97
    assert played.path.buffer.late <= 6
    assert sum(frame.concealed for frame in played.frames[200:]) == 0


def test_duplicates_are_counted_and_not_heard() -> None:
    source, packets = spoken()
    arrivals = stream(packets)
    played = play(sorted(arrivals + [(at + MS, packet) for at, packet in arrivals], key=lambda a: a[0]))
    assert played.path.buffer.duplicates == len(packets)
    assert played.path.buffer.lost == 0
    assert likeness(source, played.samples) > 0.97


@pytest.mark.parametrize("rate", [48_000, 16_000, 24_000])
def test_whatever_clock_the_timestamps_count_it_is_found_out(rate: int) -> None:
    source, packets = spoken()
    played = play(stream(packets, rate=rate))
    assert played.path.buffer.clock_rate == rate
    assert played.concealed == 0
    assert likeness(source, played.samples) > 0.97


def test_a_pause_without_packets_is_silence_and_no_loss() -> None:
    _, packets = spoken()
    quiet = [(ts, payload) for ts, payload in packets if not 2.4 * 48_000 <= ts < 3.4 * 48_000]
    played = play(stream(quiet))
    assert played.path.buffer.lost == 0
    assert played.path.stats.concealed == 0
    assert sum(frame.samples is None for frame in played.frames[245:340]) > 50


def test_discontinuous_transmission_makes_nothing_up() -> None:
    source = voice(8.0)
    packets = [(ts, payload) for ts, payload in encode(source, dtx=True) if len(payload) > 2]
    played = play(stream(packets))
    assert played.path.stats.concealed == 0
    assert played.path.buffer.lost == 0


def test_comfort_noise_packets_hold_their_place_in_the_order() -> None:
    _, packets = spoken()
    arrivals = [
        (at, Rtp(p.sequence, p.timestamp, p.ssrc, COMFORT, b"\x40") if 60 <= n < 80 else p)
        for n, (at, p) in enumerate(stream(packets))
    ]
    played = play(arrivals)
    assert played.path.buffer.lost == 0
    assert played.path.stats.concealed == 0
    assert played.frames[-60].samples is not None


def test_a_stall_is_made_good_within_two_seconds() -> None:
    _, packets = spoken()
    played = play(stream(packets, lambda n: max(0.0, 600.0 - (n - 40) * 40) if 40 <= n < 55 else 0.0))
    assert all(not frame.concealed for frame in played.frames[240:])
    assert played.path.stats.delay_ns < 80 * MS


@pytest.mark.parametrize("length_ms", [10, 20, 40, 60])
def test_a_delay_that_is_no_longer_needed_is_given_back_whatever_the_packets_are(length_ms: int) -> None:
    packets = encode(voice(14.0), length_ms=length_ms)
    draw = random.Random(3)
    played = play(stream(packets, lambda n: draw.uniform(0, 120) if n < 3000 // length_ms else 0.0))
    assert played.path.delay.target_ns < 20 * MS
    assert max(list(played.path.stats._delays_ns)[-10:]) < 40 * MS
    assert played.path.rendering.time_scaler.removed > 0.08 * 48_000


def test_a_room_that_is_not_silent_has_pauses_too() -> None:
    room = np.random.default_rng(3).normal(0, 32768 * 10 ** (-45 / 20), 10 * 16_000)
    packets = encode(np.clip(voice(10.0) + room, -32768, 32767).astype(np.int16))
    played = play(stream(packets, lambda n: 60.0 if n < 50 and n % 10 == 0 else 0.0))
    assert played.path.stats.delay_ns < 20 * MS
    speaking = [frame.sounding for frame in played.frames]
    assert 0.2 < np.mean(speaking[300:]) < 0.9, "the room itself is no speech"


def test_a_sender_that_restarts_is_heard_again_at_once() -> None:
    source, packets = spoken()
    first = stream(packets[:60], ssrc=7)
    second = [
        (at, Rtp((p.sequence + 20_000) % 65536, (p.timestamp + 12345) % (1 << 32), 99, p.payload_type, p.payload))
        for at, p in stream(packets, ssrc=99, began_ns=first[-1][0] + 40 * MS)
    ]
    played = play(first + second)
    assert played.path.buffer.streams == 2
    assert played.path.buffer.lost == 0
    assert likeness(source, played.samples[60 * 1920 :]) > 0.96


def test_stragglers_of_a_former_source_do_not_bring_it_back() -> None:
    _, packets = spoken()
    first = stream(packets[:60], ssrc=7)
    second = stream(packets, ssrc=99, began_ns=first[-1][0] + 40 * MS)
    straggler = (second[3][0] + MS, rtp(60, packets[60][0], packets[60][1], ssrc=7))
    played = play([*first, *second, straggler])
    assert played.path.buffer.streams == 2


def test_stray_packets_of_another_source_or_number_do_not_disturb() -> None:
    source, packets = spoken()
    arrivals = stream(packets)
    strays = [
        (at + MS, Rtp((p.sequence + 9000 * n) % 65536, p.timestamp, p.ssrc + n % 2, p.payload_type, p.payload))
        for n, (at, p) in enumerate(arrivals)
        if n % 10 == 5
    ]
    played = play([*arrivals, *strays])
    assert played.path.buffer.streams == 1
    assert played.concealed == 0
    assert likeness(source, played.samples) > 0.97


def test_a_talker_who_leaves_in_the_middle_of_a_word_fades_away() -> None:
    _, packets = spoken()
    played = play(stream(packets[:100]), tail_ms=1000)
    assert all(frame.samples is None for frame in played.frames[-70:])
    assert not played.frames[-1].sounding


def test_packets_that_opus_cannot_read_are_counted_and_covered() -> None:
    _, packets = spoken()
    bad = [
        (ts, b"\xff\xff\xff" if n == 50 else b"\x50" + bytes(3) if n == 70 else p) for n, (ts, p) in enumerate(packets)
    ]
    played = play(stream(bad))
    counted = played.path.buffer.malformed + played.path.stats.undecodable
    assert counted >= 1
    assert played.frames[-60].samples is not None


def test_speaking_begins_and_ends_with_the_voice() -> None:
    _, packets = spoken()
    played = play(stream(packets), tail_ms=1000)
    sounding = [frame.sounding for frame in played.frames]
    assert any(sounding)
    assert not sounding[-1]
    assert sounding[20:100].count(True) > 70


def test_a_sender_whose_clock_runs_fast_or_slow_does_not_pile_up_delay() -> None:
    source = voice(30.0, seed=4)
    packets = encode(source)
    for drift in (0.998, 1.002):
        arrivals = [(BEGAN_NS + int((at - BEGAN_NS) * drift), packet) for at, packet in stream(packets)]
        played = play(arrivals)
        assert played.path.stats.delay_ns < 70 * MS
        assert np.mean([frame.concealed for frame in played.frames]) < 0.01


def test_a_path_without_packets_is_silent() -> None:
    path = new_path()
    assert all(path.pull(n * 10 * MS).samples is None for n in range(10))
