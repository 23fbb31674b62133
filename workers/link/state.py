"""What the link says of itself, in words. No I/O."""

from __future__ import annotations

from collections.abc import Mapping

from common.bus.peers.far_voices import FarVoicesState
from common.messages import MIX_PLANE


def away(machine: str) -> tuple[str, str]:
    """Return message and remedy while the other machine does not answer."""
    message = f"{machine} does not answer, so no voices come from it. If it is in a party, it stays there."
    remedy = (
        f"Is {machine} awake and in this network, and does partyline run there? `partyline peers` on it must list this "
        "machine. It is tried again by itself. "
        "`partyline split --off` makes this machine work alone."
    )
    return message, remedy


def figures(round_trip_s: float | None, voices: Mapping[str, FarVoicesState], carriage: str) -> str:
    """Return how far the other machine is, and how the voices come, for the heartbeat's fact `way`."""
    found = [f"round trip {1000 * round_trip_s:.1f} ms"] if round_trip_s is not None else []
    for plane, state in voices.items():
        if not state.frames:
            continue
        name = "the mix" if plane == MIX_PLANE else "voices"
        lost = f", {state.missing} frames missing" if state.missing else ""
        late = f", {state.late} too late" if state.late else ""
        way = f"{state.delay_ms:.0f} ms later, jitter {state.jitter_ms:.0f} ms, {8e-6 * state.bytes_per_s:.1f} Mbit/s"
        found.append(f"{name} ({carriage}) {way}{lost}{late}")
    return ", ".join(found)
