"""What becomes of a member's connections after this machine slept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from workers.media.guard.moves import CONSENT_S
from workers.media.negotiate.actions import Action
from workers.media.negotiate.negotiation import Negotiation
from workers.media.peers.connection_services import ConnectionServices
from workers.media.peers.peer import Peer


class WakeCheck:
    """Ends or verifies each connection of `peers`. `do` carries out actions, and `changed` is called after an end."""

    def __init__(
        self,
        peers: Mapping[int, Peer],
        negotiation: Negotiation,
        services: ConnectionServices,
        do: Callable[[Iterable[Action]], None],
        changed: Callable[[], None],
    ) -> None:
        self._peers = peers
        self._negotiation, self._services = negotiation, services
        self._do, self._changed = do, changed

    def on_wake(self, slept_s: float, now: float) -> None:
        """Handle that this machine slept until now, so that no time passed for the connections' timeouts.

        After more than `CONSENT_S` the other side has stopped sending (RFC 7675). After less, one question decides.
        """
        established = self._negotiation.status.established
        for number in list(established):
            if slept_s > CONSENT_S or (peer := self._peers.get(number)) is None:
                self._do(self._negotiation.on_ended(number, f"this machine slept for {slept_s:.0f} s", now))
            else:
                self._services.spawn(self._verify(number, peer))
        if not self._negotiation.status.established:
            self._do(self._negotiation.try_again(now))

    async def _verify(self, number: int, peer: Peer) -> None:
        if await peer.has_consent() or self._peers.get(number) is not peer:
            return
        self._do(self._negotiation.on_ended(number, "no answer after this machine slept", time.monotonic()))
        self._changed()
