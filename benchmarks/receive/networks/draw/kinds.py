"""Kinds of networks, as stages with parameters from the ranges. Every kind begins with a quiet path's jitter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from benchmarks.receive.networks.draw.bottleneck import Queue
from benchmarks.receive.networks.draw.flight import Flight, PathStage, Random
from benchmarks.receive.networks.draw.paths import Bursts, Jitter, Overtaking, Pauses, Ramps, RandomLoss, Route
from benchmarks.receive.networks.draw.radio import Contention, Grants, LowOrbit, Scans
from benchmarks.receive.networks.draw.ranges import Draw

PathStages = list[PathStage]


@dataclass(frozen=True)
class Regimes:
    """Conditions that follow each other. Each carries what is sent while it lasts."""

    lengths_s: tuple[float, ...]
    """The last one has no end."""
    conditions: tuple[tuple[PathStage, ...], ...]

    def carry(self, flight: Flight, random: Random) -> Flight:
        bounds = np.concatenate(([-np.inf], np.cumsum(self.lengths_s) * 1000, [np.inf]))
        at_ms, lost = flight.at_ms.copy(), flight.lost.copy()
        for condition, (begin, end) in enumerate(pairwise(bounds)):
            inside = (flight.at_ms >= begin) & (flight.at_ms < end)
            if not inside.any():
                continue
            part = Flight(flight.at_ms[inside], flight.sizes[inside], flight.lost[inside])
            for stage in self.conditions[condition % len(self.conditions)]:
                part = stage.carry(part, random)
            at_ms[inside], lost[inside] = part.at_ms, part.lost
        return Flight(at_ms, flight.sizes, lost)


def _floor(draw: Draw) -> PathStages:
    return [Jitter(draw("floor.std"), 0.7, 20.0), RandomLoss(draw("loss.trace"))]


def _jitter(draw: Draw) -> PathStages:
    return [Jitter(draw("jitter.std"), draw("jitter.tail"), draw("jitter.memory"))]


def _wifi_near(draw: Draw) -> PathStages:
    return [Contention(draw("wifi.access"), draw("wifi.fail"), draw("wifi.memory"))]


def _wifi_busy(draw: Draw) -> PathStages:
    return [Contention(draw("wifi.access_busy"), draw("wifi.fail"), draw("wifi.memory"))]


def _wifi_far(draw: Draw) -> PathStages:
    roams = Pauses(draw("roam.every_s"), draw("roam.gap"), draw("handover.lost"))
    return [Contention(draw("wifi.access"), draw("wifi.fail_far"), draw("wifi.memory")), roams]


def _wifi_scan(draw: Draw) -> PathStages:
    scans = Scans(draw("scan.every_s"), round(draw("scan.channels")), draw("scan.dwell"), draw("scan.home"))
    return [*_wifi_near(draw), scans]


def _mobile(draw: Draw) -> PathStages:
    grants = Grants(draw("grant.period"), draw("harq.share"), draw("harq.step"))
    return [grants, Jitter(draw("jitter.std") / 3, draw("jitter.tail"), draw("jitter.memory"))]


def _road(draw: Draw) -> PathStages:
    moves = Pauses(draw("handover.every_s"), draw("handover.gap"), draw("handover.lost"), draw("handover.step"))
    stages: PathStages = [*_mobile(draw), moves]
    if draw.random.random() < 0.4:
        stages.append(Pauses(draw("outage.every_s"), draw("outage.length"), draw("outage.lost")))
    return stages


def _queue(draw: Draw, depth: str) -> PathStages:
    return [
        Queue(
            rate_mbps=draw("queue.rate_mbps"),
            buffer_ms=draw(depth),
            rtt_ms=draw("queue.rtt"),
            bulk=round(draw("queue.bulk")),
            bulk_s=draw("queue.bulk_s"),
            web_every_s=draw("queue.web_every_s"),
            web_kb=draw("queue.web_kb"),
        )
    ]


def _bursts(draw: Draw) -> PathStages:
    return [Bursts(draw("burst.every_s"), draw("burst.length"), draw("burst.loss"), draw("burst.held"))]


def _lossy(draw: Draw) -> PathStages:
    stages: PathStages = [RandomLoss(draw("loss.share"))]
    return [*stages, *_jitter(draw)] if draw.random.random() < 0.5 else stages


def _outage(draw: Draw) -> PathStages:
    return [Pauses(draw("outage.every_s"), draw("outage.length"), draw("outage.lost"))]


def _overtaking(draw: Draw) -> PathStages:
    return [Overtaking(draw("overtaking.share"), draw("overtaking.detour"))]


def _route(draw: Draw) -> PathStages:
    return [Route(draw("route.every_s"), draw("route.step"))]


def _ramp(draw: Draw) -> PathStages:
    return [Ramps(draw("route.every_s"), draw("ramp.rise"), draw("ramp.length_s")), *_jitter(draw)[:1]]


def _orbit(draw: Draw) -> PathStages:
    jitter = Jitter(draw("jitter.std") / 3, draw("jitter.tail"), draw("jitter.memory"))
    return [LowOrbit(draw("leo.step"), draw("leo.gap")), jitter]


def _drawn(draw: Draw, prefix: str) -> tuple[PathStage, ...]:
    """Return the stages of one of the simple kinds, its parameters under `prefix`."""
    names = list(_SIMPLE)
    name = names[int(draw.random.integers(len(names)))]
    within = Draw(draw.random, draw.drawn, f"{prefix}{name}.")
    return tuple(_SIMPLE[name](within))


def _regimes(draw: Draw) -> PathStages:
    lengths = tuple(draw("regime.length_s") for _ in range(3))
    return [Regimes(lengths, (_drawn(draw, "first."), _drawn(draw, "then.")))]


def _bad_start(draw: Draw) -> PathStages:
    return [Regimes((draw("start.bad_s"),), (_drawn(draw, "start."), tuple(_floor(draw))))]


_SIMPLE: dict[str, Callable[[Draw], PathStages]] = {
    "jitter": _jitter,
    "wifi-near": _wifi_near,
    "wifi-busy": _wifi_busy,
    "wifi-far": _wifi_far,
    "wifi-scan": _wifi_scan,
    "mobile": _mobile,
    "road": _road,
    "bloat": lambda draw: _queue(draw, "queue.deep"),
    "queue": lambda draw: _queue(draw, "queue.shallow"),
    "loss": _lossy,
    "bursts": _bursts,
    "outage": _outage,
    "overtaking": _overtaking,
    "route": _route,
    "ramp": _ramp,
    "orbit": _orbit,
}
_KINDS: dict[str, Callable[[Draw], PathStages]] = {
    "quiet": lambda _: [],
    **_SIMPLE,
    "regimes": _regimes,
    "bad-start": _bad_start,
}
KINDS = tuple(_KINDS)


def stages(kind: str, draw: Draw) -> PathStages:
    """Return the stages of a network of this kind."""
    own = _KINDS[kind](draw)
    return [*_floor(draw), *own]  # the quiet path keeps the order, so it comes before what lets packets overtake
