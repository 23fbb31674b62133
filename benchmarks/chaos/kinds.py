"""Every kind of fault, what it may cost, and why. No I/O. `acts` applies them, `judge` compares.

The seconds are upper bounds from the workers' design. Runs lie in benchmarks/results/chaos-*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Whom = Literal["nobody", "one", "all", "mix"]
"""Whose sound a fault may cost.

``nobody`` leaves the sound intact, ``one`` costs only the affected member, ``all`` every talker and so the mix, ``mix``
only what the audio worker plays.
"""
MIX = "mix"
"""Key of the mix among the talkers."""
WORKERS = ("broker", "auth", "signaling", "session", "media", "audio", "recorder", "obs", "dashboard")
QUIET_S = 0.25
"""Limit without any fault, in addition to the measured stalls of the machine (`tests.support.stalls`)."""
PROMISED_IN_AN_HOUR = 120
"""A tenth of the 1200 calls that an account is said to have."""
SPARE_CALLS = 10
"""Extra calls of a short run, as keep-alives do not divide evenly."""
SPARE_IN_A_WINDOW = 3
"""Calls that an earlier fault, or a keep-alive, may leave to one window."""


IN_TIME_S = 22.0
"""Limit for a new push channel, also after several losses, before the server drops the membership."""
NOTICED_S = 30.0
"""Time to notice a dead link by a missing pong. Pings go out every 10 s, each pong has 20 s."""
HELD_BACK_S = 75.0
"""`[psn] push_open_every_s`, the wait for a new push channel once it was lost more often than it may be opened."""
MOST_LEFT_OVER = 24
"""Limit of calls of past faults that may still come."""


@dataclass(frozen=True)
class Kind:
    """One kind of fault. Its name is ``family.what``. Only one of a family is active at a time."""

    name: str
    whom: Whom
    gap_s: float
    why: str
    """The reason for its cost."""
    hold_s: tuple[float, float] = (0.0, 0.0)
    """Range of its duration in seconds."""
    held: bool = False
    """Whether the gap may be longer by its duration."""
    healthy_s: float = 60.0
    """Limit for everything to be healthy again after its end."""
    by_push: bool = False
    """Whether the gap ends only with messages of signaling, and so needs the push channel."""
    push_s: float = 0.0
    """Longest time without a push channel after it."""
    calls: str = ""
    """Why it demands calls to "Sony" by itself. Empty if it does not, then its calls count towards the promise."""
    most_calls: int = 0
    """Limit of the calls that it demands each time."""

    @property
    def family(self) -> str:
        return self.name.partition(".")[0]

    @property
    def what(self) -> str:
        return self.name.partition(".")[2]

    def cost_s(self, peer: str, struck: str, hold_s: float) -> float:
        """Return the gap that this fault may cost `peer` (`MIX` for the mix). `struck` is the affected member."""
        hit = {"nobody": False, "one": peer == struck, "all": True, "mix": peer == MIX}[self.whom]
        return self.gap_s + (hold_s if self.held else 0.0) if hit else 0.0


_BESIDE = "no sound goes through it"
_REJOIN = "a member that comes back is told by push, offers within 2 s and connects; a lost offer is repeated after 6 s"
_STARTS_ASK = "a restarted worker asks the server where it stands"
_OFFERED_ANEW = "a lost connection is offered anew"
_RENEWED = "a new token is fetched, refused calls are made again"
_RESYNC = "the table of members is fetched anew after the push channel was gone"


def _killed(worker: str) -> Kind:
    if worker == "media":
        why = "a start of media, then offers to all; a lost one is repeated after 6 s"
        return Kind(
            "kill.media", "all", 15.0, why, by_push=True, calls="every member is offered to anew", most_calls=24
        )
    if worker == "audio":
        return Kind("kill.audio", "mix", 6.0, "a start of audio and of its sink")
    calls = _STARTS_ASK if worker in ("auth", "signaling", "session") else ""
    return Kind(f"kill.{worker}", "nobody", 0.0, _BESIDE, calls=calls, most_calls=8 if calls else 0)


def _stopped(worker: str) -> Kind:
    hold = (2.0, 6.0)
    if worker == "media":
        why = "nothing is received meanwhile; afterwards the jitter buffers fill again, or consent has ended"
        return Kind("stop.media", "all", 8.0, why, hold, held=True, by_push=True, calls=_OFFERED_ANEW, most_calls=24)
    if worker == "audio":
        return Kind("stop.audio", "mix", 2.0, "nothing is mixed meanwhile; then the sink starts again", hold, held=True)
    calls = "keep-alives of the push channel were missed" if worker == "signaling" else ""
    return Kind(f"stop.{worker}", "nobody", 0.0, _BESIDE, hold, calls=calls, most_calls=8 if calls else 0)


def _served(
    scenario: str, hold: tuple[float, float], calls: str = "", most_calls: int = 0, push_s: float = 0.0
) -> Kind:
    """Return a scenario of the simulator's servers (`simulator.scenarios`)."""
    why = "voices need no server once connected"
    return Kind(
        f"server.{scenario}",
        "nobody",
        0.0,
        why,
        hold,
        healthy_s=150,
        push_s=push_s,
        calls=calls,
        most_calls=most_calls,
    )


KINDS: tuple[Kind, ...] = (
    *map(_killed, WORKERS),
    *map(_stopped, WORKERS),
    Kind("disk.fails", "nobody", 0.0, "no sound goes through the disk", (4.0, 10.0), healthy_s=90),
    Kind("network.loss", "all", 1.0, "10 to 30 % of datagrams lost: concealed, but for bursts", (4.0, 10.0)),
    Kind("network.away", "all", 8.0, "nothing comes meanwhile; then jitter buffers fill again, or consent has ended",
         (2.0, 5.0), held=True, by_push=True,
         calls="a lost connection is offered anew, a dead push channel reopened", most_calls=40),
    Kind("network.blocked", "one", 50.0, "it is offered to again by ever longer waits; " + _REJOIN, (4.0, 8.0),
         held=True, healthy_s=120, by_push=True, calls="offers to a member who cannot be reached", most_calls=12),
    Kind("peer.offers", "one", 6.0, "each offer takes its connection away; five are answered at once, then one in 5 s",
         (3.0, 6.0), held=True, by_push=True, calls="offers are answered", most_calls=12),
    Kind("peer.silent", "one", 50.0, "it answers nothing meanwhile; it is offered to again by ever longer waits",
         (4.0, 8.0), held=True, healthy_s=120, by_push=True,
         calls="offers to a member who does not answer", most_calls=12),
    Kind("peer.leaves", "one", 15.0, _REJOIN, (2.0, 8.0), held=True,
         by_push=True, calls="it is offered to or answered when back", most_calls=8),
    Kind("peer.flood", "nobody", 0.0, "datagrams of strangers are dropped before the libraries see them", (4.0, 8.0)),
    _served("storms", (2.0, 5.0)),
    _served("outage", (5.0, 10.0)),
    _served("cut", (2.0, 5.0)),
    _served("slow", (2.0, 5.0)),
    _served("rate-limited", (2.0, 5.0)),
    _served("rate-limited-bare", (2.0, 5.0)),
    _served("push-dropped", (2.0, 5.0), _RESYNC, 12, IN_TIME_S),
    _served("push-away", (2.0, 5.0), _RESYNC, 12, 2 * IN_TIME_S),
    _served("push-half-open", (2.0, 5.0), _RESYNC, 12, NOTICED_S + IN_TIME_S),
    _served("close-4101", (2.0, 5.0), _RESYNC, 12, IN_TIME_S),
    _served("tokens-expired", (2.0, 5.0), _RENEWED, 12),
    _served("refresh-500s", (2.0, 5.0), _RENEWED, 12),
    Kind("clock.jumps", "nobody", 0.0, "sound goes by the monotonic clock", (3.0, 8.0),
         calls="tokens seem to be over", most_calls=8),
    Kind("sound.killed", "mix", 3.0, "the null sink stands in", (2.0, 6.0), held=True),
    Kind("sound.stopped", "mix", 3.0, "a hung server is noticed by its silence; then the null sink stands in",
         (2.0, 12.0), held=True),
)  # fmt: skip
BY_NAME = {kind.name: kind for kind in KINDS}
