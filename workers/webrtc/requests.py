"""The requests that the webrtc worker serves."""

from __future__ import annotations

from urllib.parse import quote

from common.bus import Bus
from common.requests import (
    CloseListening,
    Done,
    ForgetListeners,
    ListeningOpened,
    ListenLink,
    MakeListenLink,
    OpenListening,
)
from workers.webrtc.admit.listening_permits import ListeningPermits
from workers.webrtc.admit.tickets import VALID_S
from workers.webrtc.connect import listening_offers
from workers.webrtc.connect.rtc_listeners import RtcListeners

PAGE = "/obs-audio"


class WebRtcRequests:
    def __init__(self, permits: ListeningPermits, listeners: RtcListeners) -> None:
        self._permits = permits
        self._listeners = listeners

    def serve(self, bus: Bus) -> None:
        bus.serve(OpenListening, self._serve_open)
        bus.serve(CloseListening, self._serve_close)
        bus.serve(MakeListenLink, self._serve_link)
        bus.serve(ForgetListeners, self._serve_forget)

    async def _serve_open(self, request: OpenListening) -> ListeningOpened:
        offer = listening_offers.understood(request.offer)
        self._permits.admit(offer.fingerprint, request.ticket, has_key=request.has_key)
        talker = request.talker.strip()
        listening_id, answer = await self._listeners.add(talker, offer, request.address, by_link=not request.has_key)
        return ListeningOpened(listening_id=listening_id, answer=answer)

    async def _serve_close(self, request: CloseListening) -> Done:
        await self._listeners.close(request.listening_id)
        return Done()

    async def _serve_link(self, request: MakeListenLink) -> ListenLink:
        return ListenLink(path=link_path(request.talker, self._permits.make_ticket()), expires_s=VALID_S)

    async def _serve_forget(self, _: ForgetListeners) -> Done:
        self._permits.forget()
        await self._listeners.close_all(by_link_only=True)
        return Done()


def link_path(talker: str, ticket: str) -> str:
    """Return the page's path. No browser sends what follows the `#`."""
    query = f"?talker={quote(talker, safe='')}" if talker else ""
    return f"{PAGE}{query}#ticket={ticket}"
