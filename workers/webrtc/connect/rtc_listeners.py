"""All listeners, and the streams that they hear. A stream is encoded once, while somebody hears it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from av.packet import Packet

from common.bus.heard import HeardState
from common.errors import PartylineError
from common.messages import MIX_PEER, Message, MixerState, WebRtcListeners
from workers.webrtc.connect.listening_offers import ListeningOffer
from workers.webrtc.connect.rtc_listener import RtcListener
from workers.webrtc.sound.sound_stream import SoundStream, StreamSource

MOST = 16
"""Listeners at once. Chosen as more than a desk has browsers, so that nobody fills this machine with connections."""


class PacketStream(Protocol):
    """What gives packets."""

    def set_source(self, source: StreamSource) -> None: ...

    def stop(self) -> None: ...


class TooManyError(PartylineError):
    code = "webrtc.full"


class RtcListeners:
    def __init__(self, run: Path, state: HeardState, publish: Callable[[Message], object]) -> None:
        self._run = run
        self._state = state
        self._publish = publish
        self._listeners: dict[str, RtcListener] = {}
        self._streams: dict[str, PacketStream] = {}
        """By the talker that their listeners' addresses name, empty for the mix."""
        self._sources: dict[str, StreamSource] = {}

    def __len__(self) -> int:
        return len(self._listeners)

    @property
    def connected(self) -> int:
        return sum(one.is_connected for one in self._listeners.values())

    @property
    def dropped(self) -> int:
        """Packets of the present listeners that came too late to be sent."""
        return sum(one.track.dropped for one in self._listeners.values())

    async def add(self, talker: str, offer: ListeningOffer, address: str, *, by_link: bool) -> tuple[str, str]:
        """Return the id of a new listener, and the answer to its offer. Raises `PartylineError`."""
        if len(self._listeners) >= MOST:
            raise TooManyError(f"{MOST} listen already, which is the most.", "End one of them.")
        listener = RtcListener(talker, offer, by_link=by_link, on_end=self._on_end)
        self._listeners[listener.listening_id] = listener
        try:
            answer = await listener.answer(address)
        except BaseException:
            await listener.close()
            raise
        self._on_listeners()
        return listener.listening_id, answer

    async def close(self, listening_id: str) -> None:
        """End one, if it is still there."""
        if (listener := self._listeners.get(listening_id)) is not None:
            await listener.close()

    async def close_all(self, *, by_link_only: bool = False) -> None:
        chosen = [one for one in self._listeners.values() if one.by_link or not by_link_only]
        await asyncio.gather(*(one.close() for one in chosen))

    def follow(self) -> None:
        """Give the streams what the party and the mix have changed: peers behind names, gains, the delay."""
        for talker, stream in self._streams.items():
            source = self._source(talker)
            if source != self._sources[talker]:
                self._sources[talker] = source
                stream.set_source(source)

    def _source(self, talker: str) -> StreamSource:
        if not talker:
            return StreamSource(MIX_PEER)
        before = self._sources.get(talker, StreamSource(""))
        peers = self._state.peers_called(talker)
        if not peers:
            return before  # the talker left, but may still have delayed frames
        mixer = self._state.one(MixerState)
        return StreamSource(peers[0], self._state.heard_gain(peers[0]), mixer.delay_ms if mixer else 0.0)

    def _on_end(self, listener: RtcListener) -> None:
        self._listeners.pop(listener.listening_id, None)
        self._on_listeners()

    def _on_listeners(self) -> None:
        wanted = {one.talker for one in self._listeners.values()}
        for talker in set(self._streams) - wanted:
            self._streams.pop(talker).stop()
            del self._sources[talker]
        for talker in wanted - set(self._streams):
            source = self._sources[talker] = self._source(talker)
            self._streams[talker] = SoundStream(self._run, source, self._delivery(talker))
        self._publish(WebRtcListeners(talkers=tuple(sorted(one.talker for one in self._listeners.values()))))

    def _delivery(self, talker: str) -> Callable[[Packet[Any]], None]:
        def deliver(packet: Packet[Any]) -> None:
            for listener in self._listeners.values():
                if listener.talker == talker:
                    listener.track.put(packet)

        return deliver
