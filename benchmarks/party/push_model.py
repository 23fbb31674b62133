"""A model of the push channel in simulated time.

It uses `ReconnectPolicy` and `Openings` like `workers.signaling.push_channel.connection_loop`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from common.config.tables import PsnSettings
from common.psn.http.pace import Openings, PaceState
from workers.signaling.loss import Loss
from workers.signaling.push_channel.reconnect_policy import FailureKind, ReconnectPolicy

_S = 1e9


@dataclass(frozen=True)
class Outcome:
    """The course of one attempt, in seconds."""

    failure: FailureKind = FailureKind.LOST
    named: bool = True
    """Whether serveraddr names a server, so that a connection is tried."""
    ask_s: float = 0.1
    connect_s: float = 0.1
    lives_s: float = 0.0
    accepted: bool = True
    retry_s: float = 0.0
    """`retryInterval` of a refusal."""


@dataclass
class Model:
    """One machine that connects, is killed, restarted, rebooted or suspended. `now` is true time in seconds."""

    chance: random.Random = field(default_factory=lambda: random.Random(1))
    psn: PsnSettings = field(default_factory=PsnSettings)
    now: float = 0.0
    asked: list[float] = field(default_factory=list)
    """Times of the calls to serveraddr."""
    opened: list[float] = field(default_factory=list)
    """Times of the connection attempts."""
    _booted: float = -1000.0
    _state: PaceState = field(default_factory=PaceState)
    _loss: Loss | None = None

    def __post_init__(self) -> None:
        self._openings = Openings(self.psn.push_open_every_s, self.psn.push_open_burst)
        self.restart()

    def restart(self) -> None:
        """Begin as a new process does, from the state files."""
        protocols = (self.psn.push_protocol, self.psn.push_fallback)
        self._policy = ReconnectPolicy(protocols, backoff_max_s=self.psn.backoff_max_s, loss=self._loss)
        self._policy.set_retry_interval(120.0, 180.0)

    def reboot(self) -> None:
        """Restart the clock of all processes."""
        self._booted, self._loss = self.now, None
        self.restart()

    def wake(self, slept_s: float) -> None:
        self.now += slept_s
        self._policy.retry_now(self._clock)

    def attempt(self, outcome: Outcome, killed_at: float = float("inf")) -> bool:
        """Wait as long as required and run one attempt. Return False if it was killed before its end."""
        while True:
            ready = max(self.now, self._policy.next_at + self._booted)
            if ready >= killed_at:
                return self._killed(killed_at)
            self.now = ready
            self._state, wait_s = self._openings.take(self._state, round(self._clock * _S))
            if not wait_s:
                break
            self.now += wait_s
        self.asked.append(self.now)
        self.now += outcome.ask_s
        if self.now >= killed_at:
            return self._killed(killed_at)
        lived_s = 0.0
        if outcome.named:
            self.opened.append(self.now)
            self.now += outcome.connect_s
            lived_s = outcome.lives_s
            if self.now + lived_s >= killed_at:
                return self._killed(killed_at)
            self.now += lived_s
            if outcome.accepted:
                self._loss = Loss(self._clock, 30.0)
                self._policy.record_loss(self._loss)
        self._policy.record_end(
            outcome.failure, self._clock, lived_s=lived_s, retry_s=outcome.retry_s, jitter=self.chance.random()
        )
        return True

    @property
    def _clock(self) -> float:
        return self.now - self._booted

    def _killed(self, at: float) -> bool:
        self.now = max(self.now, at)
        self.restart()
        return False


def busiest_minute(times: list[float]) -> int:
    """Return how many of `times` are in the busiest 60 s."""
    return max((sum(first <= at < first + 60 for at in times) for first in times), default=0)
