"""The voices of a stage: everybody speaks all the time, and what is lost of it is counted where it would be heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from common.messages import BRIDGE_PEER, MixerState, PeerState
from simulator.demo import CAST
from tests.common.psn.rig import Rig

STRETCH_S = 2.0
"""Over less, one stall of this machine would count for too much."""
QUIETER = 2
"""So often is the usual measured anew before a scenario is suspected."""
NOISE = 0.15
"""Share of frames by which two stretches of quiet may differ on a machine that others use too."""


@dataclass(frozen=True)
class Count:
    """10 ms frames since the beginning: played, and of them made up by media or missing in the mix."""

    frames: int
    bad: int

    def share_since(self, before: Count) -> float:
        return (self.bad - before.bad) / max(1, self.frames - before.frames)


def longest_gap(told: Sequence[tuple[float, PeerState]]) -> float:
    """Return for how many seconds at most a peer had no connection; one that never came back counts for ever."""
    longest, lost_at = 0.0, None
    for at, state in told:
        if state.connection == "connected":
            longest = max(longest, at - lost_at) if lost_at is not None else longest
            lost_at = None
        elif lost_at is None:
            lost_at = at
    return longest if lost_at is None else float("inf")


class Voices:
    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._consoles = {f"{account_id}.{platform}" for account_id, _, platform, _ in CAST}
        self._usual = 0.0
        """The worst share of a stretch in which nothing was done."""

    def states(self) -> dict[str, PeerState]:
        """Return how it stands with each console; visitors do not speak."""
        found = (message for message in self._rig.latest.values() if isinstance(message, PeerState))
        return {state.key(): state for state in found if state.key() in self._consoles}

    @property
    def bridge(self) -> PeerState | None:
        found = self._rig.latest.get(f"{PeerState.TOPIC}/{BRIDGE_PEER}")
        return found if isinstance(found, PeerState) else None

    async def all_heard(self, *peers: str) -> None:
        """Wait until each of them has a connection of its own, and more of it is heard."""
        await self._rig.until(
            lambda: all(p in self.states() and self.states()[p].connection == "connected" for p in peers),
            f"all are connected: {', '.join(peers)}",
        )
        await self.more(*peers)

    async def more(self, *peers: str) -> None:
        """Wait until more of each of them has come, and has been mixed."""
        before = {peer: self.states()[peer].frames for peer in peers}
        await self._rig.until(
            lambda: all(p in self.states() and self.states()[p].frames > before[p] for p in peers),
            "more is heard of all",
        )
        sounded = self._mixed()
        await self._rig.until(
            lambda: all(self._mixed().get(peer, 0) > sounded.get(peer, 0) for peer in peers), "all sound in the mix"
        )

    def _mixed(self) -> dict[str, int]:
        mixer = self._rig.now(MixerState)
        return {talker.peer: talker.frames for talker in mixer.talkers} if mixer else {}

    def count(self) -> Count:
        mixer, states = self._rig.now(MixerState), self.states().values()
        missing = sum(talker.missing for talker in mixer.talkers) if mixer else 0
        return Count(sum(s.frames for s in states), missing + sum(s.concealed_frames for s in states))

    async def quiet(self) -> float:
        """Return the worst share of bad frames while nothing was done, one more stretch included."""
        before = self.count()
        await self._stretch(before)
        self._usual = max(self._usual, self.count().share_since(before))
        return self._usual

    async def _stretch(self, before: Count) -> None:
        frames = 100 * STRETCH_S * len(self.states())
        await self._rig.until(lambda: self.count().frames - before.frames > frames, "enough is heard to judge it")

    async def kept(self, since: Sequence[tuple[float, PeerState]], before: Count, *, gap_s: float = 0.0) -> bool:
        """See that nobody's connection ended, and packets went on; return whether no more was lost than usual.

        `since`: what media told, each with the time in monotonic seconds. `gap_s`: where a console moves to another
        connection, it has one for us, so there may be none for so long.
        """
        for peer in {state.key() for _, state in since} & self._consoles:
            told = [(at, state) for at, state in since if state.key() == peer]
            assert longest_gap(told) <= gap_s, f"{peer} had no connection"
            packets = [state.packets for _, state in told]
            assert packets == sorted(packets), f"the voice of {peer} began anew"
        await self._stretch(before)
        share = self.count().share_since(before)
        for _ in range(QUIETER):
            if share > self._usual + NOISE:
                await self.quiet()  # so is the machine now
        return share <= self._usual + NOISE
