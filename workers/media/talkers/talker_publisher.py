"""What is published of one talker, when it changed."""

from __future__ import annotations

import time

from common.messages import Member, PeerState, Speaking
from common.messages.peers import Way
from workers.media import state
from workers.media.negotiate.negotiation import Negotiation
from workers.media.peers.connections import Connections
from workers.media.talkers.talker_services import TalkerServices
from workers.media.talkers.talker_voice import TalkerVoice


class TalkerPublisher:
    """Publishes a talker's `PeerState` and `Speaking`, and reports packets that cannot be used or are too many."""

    def __init__(
        self, negotiation: Negotiation, connections: Connections, voice: TalkerVoice, services: TalkerServices
    ) -> None:
        self.way: Way = "none"
        """How the talker is heard."""
        self._negotiation, self._connections, self._voice = negotiation, connections, voice
        self._services = services
        self._malformed_reported = self._refused_reported = 0
        self.speaking: bool | None = None
        """What was published last."""
        self._published: state.ConnectionFields | None = None
        self.publish_speaking(speaking=False)

    @property
    def _member(self) -> Member:
        return self._connections.member

    def set_way(self, way: Way) -> None:
        self.way = way

    def publish_state(self, *, always: bool = False) -> None:
        """Publish the connection's state if it changed, or `always`."""
        self._report_packets()
        fields = state.connection_fields(self._member, self._negotiation, self._connections.why, self.way)
        if always or fields != self._published:
            self._published = fields
            self._services.publish(state.peer_state(fields, self._voice.codec, self._voice.figures()))

    def publish_speaking(self, *, speaking: bool) -> None:
        """Publish whether the talker speaks, if it changed."""
        if speaking != self.speaking:
            self.speaking = speaking
            self._services.publish(state.speaking(self._member, time.time(), speaking=speaking))

    def clear(self) -> None:
        """Clear what was published, because the talker is gone."""
        self._services.clear(PeerState, self._member.peer)
        self._services.clear(Speaking, self._member.peer)

    def _report_packets(self) -> None:
        who = self._member.online_id or self._member.peer
        if (malformed := self._voice.malformed) > self._malformed_reported:
            self._malformed_reported = malformed
            self._services.on_bad_rtp(who)
        if (refused := self._connections.refused) > self._refused_reported:
            self._services.on_flood(who)
        self._refused_reported = refused
