"""What every system is sent."""

from __future__ import annotations

import numpy as np

from benchmarks.receive.network import traces
from benchmarks.receive.network.packets import OPUS, RED, encode, packets, redundant
from benchmarks.receive.network.sender import with_red, without_red
from benchmarks.receive.play import offline
from benchmarks.receive.speech import RATE, speech
from common.bus.voice.opus import has_fec, packet_samples
from workers.media.receive.buffer.red import unpack_red

SECONDS = 12.0
AUDIO = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1\r\n"


def test_the_speech_is_always_the_same_and_never_cut_off() -> None:
    said = speech(SECONDS)
    speech.cache_clear()
    assert np.array_equal(said.samples, speech(SECONDS).samples)
    assert len(said.samples) == SECONDS * RATE
    assert said.spurts[0][0] == RATE and said.spurts[-1][1] < len(said.samples)
    assert np.abs(said.samples[: RATE // 2]).max() < 200 < np.abs(said.samples).max()


def test_packets_are_forty_milliseconds_with_fec_and_repeatable() -> None:
    made = packets(SECONDS)
    assert len(made) == SECONDS * 25
    assert {packet_samples(packet.payload) for packet in made} == {1920}
    assert sum(has_fec(packet.payload) for packet in made) > len(made) / 3
    assert encode(speech(SECONDS).samples) == made


def test_red_carries_each_packet_and_the_one_before() -> None:
    plain = packets(SECONDS)
    wrapped = redundant(plain)
    assert unpack_red(wrapped[0].payload) == [(OPUS, 0, plain[0].payload)]
    assert unpack_red(wrapped[7].payload) == [(OPUS, 1920, plain[6].payload), (OPUS, 0, plain[7].payload)]
    assert {packet.payload_type for packet in wrapped} == {RED}


def test_red_is_offered_first_and_taken_out_of_the_answer() -> None:
    offered = with_red(AUDIO)
    assert "SAVPF 63 111" in offered and "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n" in offered
    assert without_red(offered) == AUDIO


def test_the_offline_run_repeats_to_the_sample() -> None:
    sent = packets(SECONDS)
    trace = traces.make("loss-10-jitter-60", len(sent))
    first, again = offline.play(trace, sent), offline.play(trace, sent)
    assert np.array_equal(first.samples, again.samples)
    assert np.array_equal(first.stamps_ns, again.stamps_ns)
