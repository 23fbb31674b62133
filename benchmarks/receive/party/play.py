"""Plays a party through our receive paths in simulated time, with the code that holds them at one delay."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.receive.judge.score import Heard
from benchmarks.receive.party.conversation import PartyVoice
from benchmarks.receive.play.offline import BEGAN_NS, MS, heard_frames, new_path, rtp
from common.basic.values import Latency
from common.config.tables import MediaSettings
from common.messages import PlayoutDelay
from workers.media.talkers.common_playout import CommonPlayout

TAIL_MS = 1500


@dataclass(frozen=True)
class PartyHeard:
    voices: list[Heard]
    told: list[PlayoutDelay]
    """What media would have told, first and at each change."""


def play(voices: list[PartyVoice], latency: Latency, seconds: float) -> PartyHeard:
    """Play all voices, one pull of each every 10 ms."""
    paths = [new_path(latency=latency) for _ in voices]
    talkers: Any = {
        f"{number}.PS5": SimpleNamespace(
            voice=SimpleNamespace(path=path, receives=True), publisher=SimpleNamespace(way="own")
        )
        for number, path in enumerate(paths)
    }
    told: list[Any] = []
    playout = CommonPlayout(MediaSettings(latency=latency), talkers, told.append)
    playout.go_on(None)
    arrivals = [_arrivals(voice) for voice in voices]
    places, frames = [0] * len(voices), [[] for _ in voices]  # type: ignore[var-annotated]
    stamps: list[int] = []
    speaking: set[str] = set()
    for now_ns in range(BEGAN_NS - 500 * MS + 3 * MS, BEGAN_NS + int((seconds * 1000 + TAIL_MS) * MS), 10 * MS):
        playout.tick(now_ns, speaking)
        speaking.clear()
        for number, (voice, path) in enumerate(zip(voices, paths, strict=True)):
            order, at = arrivals[number], places[number]
            while at < len(order) and order[at][0] <= now_ns:
                path.put(rtp(voice.packets[order[at][1]]), order[at][0])
                at += 1
            places[number] = at
            frames[number].append(path.pull(now_ns))
            if frames[number][-1].sounding:
                speaking.add(str(number))
        stamps.append(now_ns)
    return PartyHeard([heard_frames(found, stamps) for found in frames], told)


def _arrivals(voice: PartyVoice) -> list[tuple[int, int]]:
    """Return (arrival, number of the packet) in order."""
    there = np.flatnonzero(~np.isnan(voice.arrived_ms))
    return sorted((BEGAN_NS + int(voice.arrived_ms[number] * MS), int(number)) for number in there)
