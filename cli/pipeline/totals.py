"""Totals of what was heard of each member during a run, from the running figures. No I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from cli.shared.picture import Picture
from common.basic.values import SinkKind
from common.messages import MixerState, MixerTalker, PeerKey, PeerState

_COUNTED = ("heard_s", "packets", "lost", "late", "frames", "concealed_frames", "fec_frames")


class Heard(msgspec.Struct, frozen=True, kw_only=True):
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


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The report at the end of `up --for`."""

    listened_s: float
    sink: SinkKind
    """``device``, ``file`` or ``null``. `wanted_sink` is the one in the settings."""
    wanted_sink: SinkKind
    target: str
    where: str
    """`MixerState.where`."""
    sink_latency_ms: float
    members: tuple[Heard, ...]


@dataclass
class _Line:
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


class Tally:
    """Adds up `PeerState`s and `MixerState`s."""

    def __init__(self, *, fresh: bool) -> None:
        """`fresh`: the pipeline has just started, so the first figures count too."""
        self._fresh = fresh
        self._lines: dict[str, _Line] = {}
        self._mixer: MixerState | None = None

    def note(self, message: object, picture: Picture) -> None:
        if isinstance(message, PeerState):
            self._peer(message, picture)
        elif isinstance(message, MixerState):
            self._mixer = message
            for talker in message.talkers:
                self._talker(talker, picture)

    def _line(self, key: str, picture: Picture) -> _Line:
        name, platform = picture.people().get(key, (key, PeerKey.of(key).platform))
        line = self._lines.setdefault(key, _Line(name, platform))
        line.name = name
        return line

    def _peer(self, peer: PeerState, picture: Picture) -> None:
        line = self._line(peer.key(), picture)
        counts = {key: float(getattr(peer, key)) for key in _COUNTED}
        if line.before is None and not self._fresh:
            line.before = counts
            return
        if line.add(counts) and peer.delay_ms > 0:
            line.delays.append(peer.delay_ms)

    def _talker(self, talker: MixerTalker, picture: Picture) -> None:
        line = self._line(talker.peer, picture)
        counts = (talker.missing, talker.dropped)
        if line.mixed_before is None:
            line.mixed_before = (0, 0) if self._fresh else counts
        before = line.mixed_before if talker.missing >= line.mixed_before[0] else (0, 0)
        line.missing += counts[0] - before[0]
        line.dropped += max(0, counts[1] - before[1])
        line.mixed_before = counts
        if talker.age_ms > 0:
            line.ages.append(talker.age_ms)

    def report(self, listened_s: float) -> Report:
        mixer = self._mixer
        latency = mixer.latency_ms if mixer else 0.0
        members = [_heard(key, line, latency) for key, line in self._lines.items()]
        return Report(
            listened_s=round(listened_s, 1),
            sink=mixer.sink if mixer else "null",
            wanted_sink=mixer.wanted_sink if mixer else "null",
            target=mixer.target if mixer else "",
            where=mixer.where if mixer else "nowhere: audio has not said yet",
            sink_latency_ms=round(latency, 1),
            members=tuple(sorted(members, key=lambda member: (-member.heard_s, member.name))),
        )


def _heard(key: str, line: _Line, latency_ms: float) -> Heard:
    receive, age = _mean(line.delays), _mean(line.ages)
    frames = int(line.sums["frames"])
    concealed = int(line.sums["concealed_frames"])
    inside = age or receive
    return Heard(
        peer=key,
        name=line.name,
        platform=line.platform,
        heard_s=round(line.sums["heard_s"], 1),
        delay_ms=round(inside + latency_ms, 1) if inside else 0.0,
        receive_delay_ms=receive,
        age_ms=age,
        packets=int(line.sums["packets"]),
        lost=int(line.sums["lost"]),
        late=int(line.sums["late"]),
        frames=frames,
        concealed_frames=concealed,
        fec_frames=int(line.sums["fec_frames"]),
        concealed_share=concealed / frames if frames else 0.0,
        missing=line.missing,
        dropped=line.dropped,
    )


def _mean(values: list[float]) -> float:
    return round(sum(values) / len(values), 1) if values else 0.0
