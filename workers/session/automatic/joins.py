"""The automatic joins together, which a request of the user stops."""

from __future__ import annotations

from common.messages import PartyState
from workers.session.actions import LostParty
from workers.session.automatic.demo_join import DemoJoin
from workers.session.automatic.follower import Follower
from workers.session.automatic.rejoin import Rejoin
from workers.session.events.event_kind import EventKind
from workers.session.memory import PartyMemoryFile


class AutomaticJoins:
    """The follower, the rejoin and, in the simulator's network, the demo."""

    def __init__(self, file: PartyMemoryFile, follower: Follower, rejoin: Rejoin, demo: DemoJoin | None) -> None:
        self._file = file
        self._follower = follower
        self._rejoin = rejoin
        self._demo = demo

    def demo_link(self) -> str | None:
        """Return the link of the demo party, None in other networks. Raises `NoSimulatorError`."""
        return self._demo.link() if self._demo is not None else None

    def stop(self, left_under: int = 0) -> str:
        """Stop them, since the user chose a party, or to leave under that supervisor. Returns as `Follower.stop`."""
        self._file.set_left_under(left_under)
        self._rejoin.stop()
        return self._follower.stop()

    def follow(self, account_id: str, online_id: str) -> None:
        """Follow that player, and nothing else."""
        self._file.set_left_under(0)
        self._rejoin.stop()
        self._follower.start(account_id, online_id)

    def stop_following(self) -> str:
        """Return a sentence about it, or "" if nobody was followed."""
        return self._follower.stop().strip()

    def on_party(self, state: PartyState) -> None:
        self._follower.on_party(state)
        self.wake()

    def on_lost(self, lost: LostParty) -> None:
        self._rejoin.on_lost(lost)

    def on_push_event(self, kind: EventKind) -> None:
        self._follower.on_push_event(kind)

    def on_channel_open(self) -> None:
        self._follower.wake()

    def on_wake(self) -> None:
        """Handle that the machine slept, or that this process was stopped: search and rejoin without further waits."""
        self._follower.on_wake()
        self._rejoin.on_wake()
        self.wake()

    def wake(self) -> None:
        """Check again whether the demo party is to be joined."""
        if self._demo is not None:
            self._demo.wake()
