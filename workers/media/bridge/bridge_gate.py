"""The bridge's gate, which keeps the bridge's mix from doubling the members' own connections. No I/O, no clock.

- While every member has its own connection, the bridge is silent.
- Otherwise it plays whenever nobody speaks on an own connection whose voice the mix may carry too, with some delay. Own
  connections have priority. `mix_detection` learns from the sound which members the mix lacks, and it plays beside
  those too.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from common.messages import BRIDGE_PEER
from common.messages.peers import Way
from workers.media.bridge.mix_detection import LAG_NS as HOLD_NS
from workers.media.bridge.mix_detection import MixDetector
from workers.media.receive.path import VoiceFrame


def choose_ways(connected: Mapping[str, bool], *, bridge_speaks: bool) -> dict[str, Way]:
    """Return how each peer is heard. `connected` is peer key → whether its own connection is up, with the bridge's.

    `bridge_speaks` means that the bridge has sent something. A bridge that only receives carries nobody [seen].
    """
    bridge = connected.get(BRIDGE_PEER, False) and bridge_speaks
    otherwise: Way = "bridge" if bridge and is_needed(connected) else "none"
    return {peer: "own" if up and peer != BRIDGE_PEER else otherwise for peer, up in connected.items()}


def is_needed(connected: Mapping[str, bool]) -> bool:
    """Return whether some member has no connection of its own. `connected` is as in `choose_ways`."""
    return not all(up for peer, up in connected.items() if peer != BRIDGE_PEER)


class BridgeGate:
    """The bridge's gate. `filter` is called once for each of its 10 ms frames."""

    def __init__(self) -> None:
        self._needed = False
        """Some member has no connection of its own."""
        self._held_until_ns = 0
        self._open = False
        self._mix_detector = MixDetector()

    def set_needed(self, *, needed: bool) -> None:
        """Set whether some member has no connection of its own, as `is_needed` says."""
        self._needed = needed

    def record_own_voice(self, peer: str, now_ns: int) -> None:
        """Record that a member is heard on its own connection now."""
        if self._mix_detector.record_own(peer, now_ns):
            self._held_until_ns = now_ns + HOLD_NS

    def retain(self, peers: set[str]) -> None:
        """Forget everybody but `peers`."""
        self._mix_detector.retain(peers)

    def filter(self, frame: VoiceFrame, now_ns: int) -> VoiceFrame:
        """Return the bridge's frame after the gate, which opens and closes with a ramp over one frame."""
        self._mix_detector.record_mix(now_ns, sounding=frame.sounding)
        was_open, self._open = self._open, self._needed and now_ns >= self._held_until_ns
        if not self._open and not was_open:
            return VoiceFrame(None)
        if frame.samples is None or self._open == was_open:
            return frame
        ramp = np.linspace(0.0, 1.0, len(frame.samples), dtype=np.float32)
        faded = (frame.samples * (ramp if self._open else ramp[::-1])).astype(np.int16)
        return VoiceFrame(faded, frame.concealed, frame.sounding, frame.arrived_ns)
