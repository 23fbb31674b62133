"""The state as Prometheus text, made on request from all numbers in the messages. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from common.basic.field_docs import field_docs
from common.messages import (
    AuthState,
    Levels,
    MixerState,
    PartyState,
    PeerState,
    Problem,
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
OWN = {
    "sound_packets": "Packets of sound sent to pages.",
    "sound_packets_dropped": "Packets of sound that were not sent, because a page did not read in time.",
    "connections_refused": "Connections refused because of a limit.",
    "pages_open": "Pages that are connected now.",
    "stream_packets": "Packets of sound sent to media players.",
    "stream_packets_dropped": "Packets of sound that were not sent, because a media player did not read in time.",
    "stream_readers_disconnected": "Media players that were disconnected because they did not read.",
    "streams_open": "Media players that are connected now.",
    "api_clients": "Programs that are connected to the API's events now.",
    "api_clients_dropped": "Programs that were cut off because they did not read.",
}
"""This worker's own numbers, since its start."""
OWN_GAUGES = frozenset({"pages_open", "streams_open", "api_clients"})
HELP = {
    "worker_heartbeat_age_seconds": "Age of the last heartbeat. From 5 s on a worker counts as ended, hung or dead.",
    "peer_connection": "1 for the connection's present state, 0 for the others.",
    "peer_speaking": "1 while this member speaks.",
    "mixer_sink_missing": "1 while the wanted sink cannot play and the null sink stands in.",
    "mixer_peak_dbfs": "Peak of the mix in dBFS after the limiter, of the last 100 ms.",
    "party_joined": "1 while in a party.",
    "party_members": "Members of the party, including this account.",
    "push_connected": "1 while the push channel is open. Without it nobody new is heard.",
    "signed_in": "1 while signed in to the account.",
    "recording": "1 while recording.",
    "problem": "1 for each open problem.",
}
"""What those metrics mean that are no field of a message."""
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
            yield _gauge("worker_heartbeat_age_seconds", max(0.0, self._now - health.beat_s), labels)
        yield from self._talkers()
        yield from self._mix()
        yield from self._rest()
        for name, value in self._own.items():
            yield f"dashboard_{name}", {}, value, name not in OWN_GAUGES, OWN[name]

    def _talkers(self) -> Iterator[Sample]:
        for peer in self._state.all(PeerState).values():
            labels = self._labels(peer.key())
            yield from _numbers("peer", peer, labels)
            for state in CONNECTIONS:
                value = float(peer.connection == state)
                yield _gauge("peer_connection", value, {**labels, "state": state})
        for speaking in self._state.all(Speaking).values():
            yield _gauge("peer_speaking", speaking.speaking, self._labels(speaking.key()))

    def _mix(self) -> Iterator[Sample]:
        if mixer := self._state.one(MixerState):
            yield from _numbers("mixer", mixer, {})
            yield _gauge("mixer_sink_missing", mixer.sink != mixer.wanted_sink and not mixer.resting)
            for talker in mixer.talkers:
                yield from _numbers("mixer_talker", talker, self._labels(talker.peer))
        if levels := self._state.one(Levels):
            yield _gauge("mixer_peak_dbfs", levels.mix)

    def _rest(self) -> Iterator[Sample]:
        if party := self._state.one(PartyState):
            yield _gauge("party_joined", party.phase == "joined")
            yield _gauge("party_members", len(party.members))
        if push := self._state.one(PushState):
            yield _gauge("push_connected", push.connected)
        if auth := self._state.one(AuthState):
            yield _gauge("signed_in", auth.state in ("signed_in", "refreshing"))
        if recording := self._state.one(Recording):
            yield _gauge("recording", recording.state == "recording")
            yield from _numbers("recording", recording, {})
        for problem in self._state.all(Problem).values():
            labels = {"worker": problem.worker, "code": problem.code, "severity": problem.severity}
            yield _gauge("problem", 1.0, labels)

    def _labels(self, peer: str) -> dict[str, str]:
        state = self._state.of(PeerState, peer)
        return {"peer": peer, "name": state.online_id if state else ""}


def _gauge(name: str, value: float, labels: dict[str, str] | None = None) -> Sample:
    return name, labels or {}, float(value), False, HELP[name]


@cache
def _docs(cls: type[msgspec.Struct]) -> Mapping[str, str]:
    return field_docs(cls)


def _numbers(prefix: str, of: msgspec.Struct, labels: dict[str, str]) -> Iterator[Sample]:
    """Yield every number field of `of`, described by its docstring."""
    docs = _docs(type(of))
    for field in of.__struct_fields__:
        value: Any = getattr(of, field)
        if not isinstance(value, int | float):
            continue
        counts = field in COUNTERS or (type(value) is int and field not in GAUGES)
        name, factor = _unit(field)
        yield f"{prefix}_{name}", labels, float(value) * factor, counts, docs.get(field, field)


def _unit(field: str) -> tuple[str, float]:
    for end, (word, factor) in UNITS.items():
        if field.endswith(end):
            return field.removesuffix(end) + word, factor
    return field, 1.0
