"""The state as Prometheus text, made on request from all numbers in the messages. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from common.messages import (
    AuthState,
    Levels,
    MixerState,
    PartyState,
    PeerState,
    PushState,
    Recording,
    Speaking,
    WorkerHealth,
)
from workers.dashboard.state import PageState

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "partyline"
UNITS = {
    "_ms": ("_seconds", 0.001),
    "_s": ("_seconds", 1.0),
    "_at": ("_timestamp_seconds", 1.0),
    "_fraction": ("_ratio", 1.0),
}
"""Suffix of a field's name → Prometheus' suffix for the unit, and the factor to it."""
GAUGES = frozenset({"rss_bytes", "size_bytes", "free_bytes", "marks", "pid", "streams_open"})
"""Integers that may fall. All other integers are counters."""
COUNTERS = frozenset({"heard_s", "cpu_seconds"})
"""Fractions that only grow."""
Sample = tuple[str, dict[str, str], float, bool, str]
"""Name, labels, value, whether it is a counter, description."""
CONNECTIONS = ("waiting", "connecting", "connected", "lost", "failed")


def text(state: PageState, now: float, own: Mapping[str, float]) -> bytes:
    """Return the metrics of `state`, and of `own`, this worker's counters by name.

    `now` is of `common.basic.clock.boot_s`.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Snapshot(state, now, own))
    return generate_latest(registry)


class _Snapshot(Collector):
    def __init__(self, state: PageState, now: float, own: Mapping[str, float]) -> None:
        self._state = state
        self._now = now
        self._own = own

    def collect(self) -> Iterable[Metric]:
        found: dict[str, Metric] = {}
        for name, labels, value, counts, description in self._samples():
            kind = CounterMetricFamily if counts else GaugeMetricFamily
            family = found.setdefault(name, kind(f"{PREFIX}_{name}", description, labels=list(labels)))
            family.add_metric(list(labels.values()), value)  # type: ignore[attr-defined]
        return found.values()

    def _samples(self) -> Iterator[Sample]:
        for health in self._state.all(WorkerHealth).values():
            labels = {"worker": health.worker}
            yield from _numbers("worker", health, labels)
            yield (
                "worker_heartbeat_age_seconds",
                labels,
                max(0.0, self._now - health.beat_s),
                False,
                "Since the last heartbeat.",
            )
        yield from self._talkers()
        yield from self._mix()
        yield from self._rest()
        for name, value in self._own.items():
            description = "Now." if name in GAUGES else "Since the start of the dashboard."
            yield f"dashboard_{name}", {}, value, name not in GAUGES, description

    def _talkers(self) -> Iterator[Sample]:
        for peer in self._state.all(PeerState).values():
            labels = self._labels(peer.key())
            yield from _numbers("peer", peer, labels)
            for state in CONNECTIONS:
                value = float(peer.connection == state)
                yield "peer_connection", {**labels, "state": state}, value, False, "1 for the current state."
        for speaking in self._state.all(Speaking).values():
            yield "peer_speaking", self._labels(speaking.key()), float(speaking.speaking), False, "1 while speaking."

    def _mix(self) -> Iterator[Sample]:
        if mixer := self._state.one(MixerState):
            yield from _numbers("mixer", mixer, {})
            yield (
                "mixer_sink_missing",
                {},
                float(mixer.sink != mixer.wanted_sink and not mixer.resting),
                False,
                "1 while it is replaced, because it cannot play.",
            )
            for talker in mixer.talkers:
                yield from _numbers("mixer_talker", talker, self._labels(talker.peer))
        if levels := self._state.one(Levels):
            yield "mixer_peak_dbfs", {}, levels.mix, False, "Peak of the mix."

    def _rest(self) -> Iterator[Sample]:
        if party := self._state.one(PartyState):
            yield "party_joined", {}, float(party.phase == "joined"), False, "1 while in a party."
            yield "party_members", {}, float(len(party.members)), False, "Members, including us."
        if push := self._state.one(PushState):
            yield "push_connected", {}, float(push.connected), False, "1 while the push channel is up."
        if auth := self._state.one(AuthState):
            yield "signed_in", {}, float(auth.state in ("signed_in", "refreshing")), False, "1 while signed in."
        if recording := self._state.one(Recording):
            yield "recording", {}, float(recording.state == "recording"), False, "1 while recording."
            yield from _numbers("recording", recording, {})

    def _labels(self, peer: str) -> dict[str, str]:
        state = self._state.of(PeerState, peer)
        return {"peer": peer, "name": state.online_id if state else ""}


def _numbers(prefix: str, of: msgspec.Struct, labels: dict[str, str]) -> Iterator[Sample]:
    """Yield every number field of `of`."""
    for field in of.__struct_fields__:
        value: Any = getattr(of, field)
        if not isinstance(value, int | float):
            continue
        counts = field in COUNTERS or (type(value) is int and field not in GAUGES)
        name, factor = _unit(field)
        yield f"{prefix}_{name}", labels, float(value) * factor, counts, f"{type(of).__name__}.{field}."


def _unit(field: str) -> tuple[str, float]:
    for end, (word, factor) in UNITS.items():
        if field.endswith(end):
            return field.removesuffix(end) + word, factor
    return field, 1.0
