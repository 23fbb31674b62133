"""Who listens: pages and media players, each to the mix or to one talker. The sources run while somebody does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from common.messages import ListeningPages, Message, MixerState
from workers.dashboard.listen.audio_sources import MIX, AudioSources, Batch
from workers.dashboard.live.people import PEOPLE
from workers.dashboard.state import PageState


class Listener(Protocol):
    """One page or media player."""

    @property
    def talker(self) -> str:
        """The talker's name in its address, or empty for the mix."""

    @property
    def peer(self) -> str:
        """Its source: `MIX`, or the peer key of its talker. Empty while nobody had the talker's name yet."""

    def set_peer(self, peer: str) -> None: ...

    def put(self, batch: Batch, gain: float) -> None:
        """Take frames of its source, to be played at `gain` (a factor)."""


class Listeners:
    """All of them."""

    def __init__(self, run: Path, state: PageState, publish: Callable[[Message], object]) -> None:
        self._state = state
        self._publish = publish
        self._sources = AudioSources(run, self._deliver)
        self._listeners: set[Listener] = set()
        self._elsewhere: tuple[str, ...] = ()
        self._gains: dict[str, float] = {}
        """The last gain of each talker. A talker who leaves is heard to the end with it."""

    def add(self, listener: Listener) -> None:
        self._listeners.add(listener)
        self._on_listeners()

    def remove(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        self._on_listeners()

    def set_elsewhere(self, talkers: tuple[str, ...]) -> None:
        """Count those who listen by WebRTC too."""
        self._elsewhere = talkers
        self._tell()

    def on_change(self, cls: type[Message]) -> None:
        """Update the peers behind the talkers' names, and their delay."""
        if cls in PEOPLE and any(listener.talker for listener in self._listeners):
            self._choose_sources()

    def _on_listeners(self) -> None:
        self._choose_sources()
        self._tell()

    def _tell(self) -> None:
        talkers = (*(listener.talker for listener in self._listeners), *self._elsewhere)
        self._publish(ListeningPages(talkers=tuple(sorted(talkers))))

    def _choose_sources(self) -> None:
        for listener in self._listeners:
            peers = self._state.peers_called(listener.talker) if listener.talker else [MIX]
            if peers:  # else the talker left, but may still have delayed frames
                listener.set_peer(peers[0])
        mixer = self._state.one(MixerState)
        wanted = {listener.peer for listener in self._listeners if listener.peer}
        self._sources.set_sources(wanted, mixer.delay_ms if mixer else 0.0)
        self._gains = {peer: gain for peer, gain in self._gains.items() if peer in wanted}

    def _gain(self, peer: str) -> float:
        if peer == MIX:
            return 1.0
        if peer not in self._gains or self._state.talker(peer) is not None:
            self._gains[peer] = self._state.heard_gain(peer)
        return self._gains[peer]

    def _deliver(self, peer: str, batch: Batch) -> None:
        gain = self._gain(peer)
        for listener in self._listeners:
            if peer == listener.peer:
                listener.put(batch, gain)
