"""Totals of what was heard of each member during a run, from the running figures. No I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from cli.shared.bus_state import BusState
from common.basic.values import SinkKind
from common.messages import MixerState, MixerTalker, PeerKey, PeerState

_COUNTED = ("heard_s", "packets", "lost", "late", "frames", "concealed_frames", "fec_frames")


class MemberTotals(msgspec.Struct, frozen=True, kw_only=True):
    """One member in the report."""

    peer: str
    name: str
    platform: str
    heard_s: float
    """Seconds of speech."""
    delay_ms: float
    """Packet in → ear: `age_ms` and the sink's latency. 0 if nothing was heard."""
    receive_delay_ms: float
    """Playout delay of the receive path (`PeerState.delay_ms`)."""
    age_ms: float
    """Packet in → device callback (`MixerTalker.age_ms`), including the receive path."""
    packets: int
    lost: int
    late: int
    frames: int
    concealed_frames: int
    fec_frames: int
    concealed_share: float
    """Share of `frames`, 0..1."""
    missing: int
    """Frames missing in the mix when due, heard as gaps."""
    dropped: int


class ListeningReport(msgspec.Struct, frozen=True, kw_only=True):
    """The report at the end of `up --for`."""

    listened_s: float
    sink: SinkKind
    """``device``, ``file`` or ``null``. `wanted_sink` is the one in the settings."""
    wanted_sink: SinkKind
    target: str
    where: str
    """`MixerState.where`."""
    sink_latency_ms: float
    members: tuple[MemberTotals, ...]


@dataclass
class _Sums:
    """The sums of one member."""

    name: str
    platform: str
    before: dict[str, float] | None = None
    mixed_before: tuple[int, int] | None = None
    sums: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_COUNTED, 0.0))
    missing: int = 0
    dropped: int = 0
    delays: list[float] = field(default_factory=list)
    ages: list[float] = field(default_factory=list)

    def add(self, counts: dict[str, float]) -> bool:
        """Add the growth since `before`. Return whether it has speech.

        A lower count means a new connection, which began at 0.
        """
        before = self.before if self.before is not None else dict.fromkeys(_COUNTED, 0.0)
        if counts["packets"] < before["packets"] or counts["frames"] < before["frames"]:
            before = dict.fromkeys(_COUNTED, 0.0)
        grown = {key: max(0.0, counts[key] - before[key]) for key in _COUNTED}
        for key in _COUNTED:
            self.sums[key] += grown[key]
        self.before = counts
        return grown["heard_s"] > 0


class Totals:
    """Adds up `PeerState`s and `MixerState`s."""

    def __init__(self, *, fresh: bool) -> None:
        """`fresh`: the pipeline has just started, so the first figures count too."""
        self._fresh = fresh
        self._members: dict[str, _Sums] = {}
        self._mixer: MixerState | None = None

    def on_message(self, message: object, bus_state: BusState) -> None:
        if isinstance(message, PeerState):
            self._on_peer(message, bus_state)
        elif isinstance(message, MixerState):
            self._mixer = message
            for talker in message.talkers:
                self._on_talker(talker, bus_state)

    def _sums_of(self, key: str, bus_state: BusState) -> _Sums:
        name, platform = bus_state.people().get(key, (key, PeerKey.of(key).platform))
        sums = self._members.setdefault(key, _Sums(name, platform))
        sums.name = name
        return sums

    def _on_peer(self, peer: PeerState, bus_state: BusState) -> None:
        sums = self._sums_of(peer.key(), bus_state)
        counts = {key: float(getattr(peer, key)) for key in _COUNTED}
        if sums.before is None and not self._fresh:
            sums.before = counts
            return
        if sums.add(counts) and peer.delay_ms > 0:
            sums.delays.append(peer.delay_ms)

    def _on_talker(self, talker: MixerTalker, bus_state: BusState) -> None:
        sums = self._sums_of(talker.peer, bus_state)
        counts = (talker.missing, talker.dropped)
        if sums.mixed_before is None:
            sums.mixed_before = (0, 0) if self._fresh else counts
        before = sums.mixed_before if talker.missing >= sums.mixed_before[0] else (0, 0)
        sums.missing += counts[0] - before[0]
        sums.dropped += max(0, counts[1] - before[1])
        sums.mixed_before = counts
        if talker.age_ms > 0:
            sums.ages.append(talker.age_ms)

    def report(self, listened_s: float) -> ListeningReport:
        mixer = self._mixer
        latency = mixer.latency_ms if mixer else 0.0
        members = [_totals_of(key, sums, latency) for key, sums in self._members.items()]
        return ListeningReport(
            listened_s=round(listened_s, 1),
            sink=mixer.sink if mixer else "null",
            wanted_sink=mixer.wanted_sink if mixer else "null",
            target=mixer.target if mixer else "",
            where=mixer.where if mixer else "nowhere (the audio worker has not published its state)",
            sink_latency_ms=round(latency, 1),
            members=tuple(sorted(members, key=lambda member: (-member.heard_s, member.name))),
        )


def _totals_of(key: str, sums: _Sums, latency_ms: float) -> MemberTotals:
    receive, age = _mean(sums.delays), _mean(sums.ages)
    frames = int(sums.sums["frames"])
    concealed = int(sums.sums["concealed_frames"])
    inside = age or receive
    return MemberTotals(
        peer=key,
        name=sums.name,
        platform=sums.platform,
        heard_s=round(sums.sums["heard_s"], 1),
        delay_ms=round(inside + latency_ms, 1) if inside else 0.0,
        receive_delay_ms=receive,
        age_ms=age,
        packets=int(sums.sums["packets"]),
        lost=int(sums.sums["lost"]),
        late=int(sums.sums["late"]),
        frames=frames,
        concealed_frames=concealed,
        fec_frames=int(sums.sums["fec_frames"]),
        concealed_share=concealed / frames if frames else 0.0,
        missing=sums.missing,
        dropped=sums.dropped,
    )


def _mean(values: list[float]) -> float:
    return round(sum(values) / len(values), 1) if values else 0.0
