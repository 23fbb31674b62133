"""Listening from another machine by WebRTC."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec

from common.log.secret import Guarded, Secret
from common.requests.base import Done, Request

OfferText = Annotated[str, msgspec.Meta(max_length=32 * 1024)]
"""A browser's offer to receive one stream has 2 to 4 KB."""


class ListeningOpened(Guarded, frozen=True, kw_only=True):
    """A listener that may connect now."""

    listening_id: str
    """Names it in `CloseListening`."""
    answer: Secret
    """The answer's SDP. It has the connection's passwords."""


class OpenListening(Request[ListeningOpened], Guarded, frozen=True, kw_only=True):
    """dashboard → webrtc: somebody offers to receive sound."""

    WORKER: ClassVar[str] = "webrtc"
    REPLY: ClassVar[type[Any]] = ListeningOpened
    offer: OfferText
    """Its SDP."""
    talker: str = ""
    """Online id, account id or peer key of one member, or empty for the mix."""
    address: str = ""
    """Our address that the offer came to, which is then the only candidate. Empty: all addresses of this machine."""
    has_key: bool = False
    """Whether the offer came with a key of the pages. Otherwise a ticket or a certificate that is known lets it in."""
    ticket: Secret = ""
    """A ticket of a listen link."""


class CloseListening(Request[Done], frozen=True, kw_only=True):
    """dashboard → webrtc: a listener has left."""

    WORKER: ClassVar[str] = "webrtc"
    REPLY: ClassVar[type[Any]] = Done
    listening_id: str


class ListenLink(Guarded, frozen=True, kw_only=True):
    """Where another machine listens."""

    path: Secret
    """Path of the page with the ticket, to be put behind the dashboard's address."""
    expires_s: float
    """Seconds until the ticket is void. What it has opened by then stays open."""


class MakeListenLink(Request[ListenLink], frozen=True, kw_only=True):
    """cli, dashboard → webrtc: a link that lets one browser or OBS on another machine listen, and nothing else."""

    WORKER: ClassVar[str] = "webrtc"
    REPLY: ClassVar[type[Any]] = ListenLink
    talker: str = ""
    """Online id, account id or peer key of one member, or empty for the mix."""


class ForgetListeners(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → webrtc: end the listening of all who came by a link, and let none of them in again."""

    WORKER: ClassVar[str] = "webrtc"
    REPLY: ClassVar[type[Any]] = Done
