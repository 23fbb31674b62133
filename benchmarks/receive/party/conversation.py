"""A conversation of several talkers: turns, overlaps, short remarks and silences, each voice as packets on its network.

How long turns and silences are has no source. They are chosen so that somebody speaks for four fifths of the time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.receive.network.packets import Packet
from benchmarks.receive.networks.draw.network import Network
from benchmarks.receive.networks.seeds import Seed
from benchmarks.receive.networks.speak.encoded import as_packets, decoded, encode
from benchmarks.receive.networks.speak.talk import LOUD_DB, DrawnTalker, active_level, levels, noise, talker
from benchmarks.receive.networks.speak.voices import RATE, voices

LEAD_S = (0.5, 3.0)
SHORT_S, LONG_S, LONG_SHARE = (-0.6, 1.2), (1.5, 5.0), 0.25
"""Time from the end of a turn to the next one, and how many are long. Below 0 they overlap."""
REMARK_SHARE = 0.3
"""Turns in which somebody else says something too."""


@dataclass(frozen=True)
class PartyVoice:
    """One talker of a party."""

    network: Network
    drawn: DrawnTalker
    samples: NDArray[np.int16]
    """Speech and room at 16 kHz."""
    loud: NDArray[np.bool_]
    """Whether each 10 ms are speech."""
    packets: tuple[Packet, ...]
    sent_ms: NDArray[np.float64]
    """When each packet is sent, by the receiver's clock. Sample 0 is sent at `begins_ms`."""
    arrived_ms: NDArray[np.float64]
    """NaN for a lost one."""
    begins_ms: float
    reference: NDArray[np.int16]
    """What is heard where nothing is lost, at 48 kHz."""

    @property
    def fastest_ms(self) -> float:
        """The time on the way of the fastest packet."""
        return float(np.nanmin(self.arrived_ms - self.sent_ms))


def party(seeds: tuple[Seed, ...], seconds: float) -> list[PartyVoice]:
    """Return the talkers of a party, one on each network."""
    random = np.random.default_rng([seed.value for seed in seeds])
    drawn = [talker(seed.value, 0, seconds) for seed in seeds]
    clean = _turns(drawn, seconds, random)
    return [_voice(seed, one, said, random) for seed, one, said in zip(seeds, drawn, clean, strict=True)]


def _turns(drawn: list[DrawnTalker], seconds: float, random: np.random.Generator) -> list[NDArray[np.float32]]:
    """Return what each says, without a room."""
    total = round(seconds * RATE)
    clean = [np.zeros(total, np.float32) for _ in drawn]
    at, who = round(random.uniform(*LEAD_S) * RATE), int(random.integers(len(drawn)))
    while at < total - RATE:
        end = _say(clean[who], drawn[who], max(at, 0), random)
        if random.random() < REMARK_SHARE:
            other = (who + 1 + int(random.integers(len(drawn) - 1))) % len(drawn)
            _say(clean[other], drawn[other], round(random.uniform(at, end)), random)
        pause = LONG_S if random.random() < LONG_SHARE else SHORT_S
        at = end + round(random.uniform(*pause) * RATE)
        who = (who + 1 + int(random.integers(len(drawn) - 1))) % len(drawn)
    return clean


def _say(clean: NDArray[np.float32], one: DrawnTalker, at: int, random: np.random.Generator) -> int:
    """Add a sentence at sample `at`, and return where it ends."""
    voice = voices()[one.voice % len(voices())]
    sentence = voice.load(int(random.integers(voice.count)))
    end = min(at + len(sentence), len(clean) - RATE // 4)
    if end > at:
        clean[at:end] = sentence[: end - at] * (10 ** (one.level_db / 20) / active_level(sentence))
    return max(end, at)


def _voice(seed: Seed, one: DrawnTalker, clean: NDArray[np.float32], random: np.random.Generator) -> PartyVoice:
    room = noise(one.colour, len(clean), random) * 10 ** (one.room_db / 20)
    samples = np.clip(np.rint((clean + room) * 32768), -32768, 32767).astype(np.int16)
    payloads = encode(samples, one.packet_ms, dtx=one.dtx)
    sent, numbers = as_packets(payloads, one.packet_ms, red=one.red)
    begins_ms = float(random.uniform(0, one.packet_ms))
    sent_ms = begins_ms + np.array(numbers, np.float64) * one.packet_ms / (1 + one.drift_ppm * 1e-6)
    sizes = np.array([len(packet.payload) for packet in sent], np.float64)
    network = seed.network()
    return PartyVoice(
        network=network,
        drawn=one,
        samples=samples,
        loud=levels(clean) > 10 ** ((one.level_db + LOUD_DB) / 20),
        packets=sent,
        sent_ms=sent_ms,
        arrived_ms=network.carry(sent_ms, sizes, 0),
        begins_ms=begins_ms,
        reference=decoded(payloads),
    )
