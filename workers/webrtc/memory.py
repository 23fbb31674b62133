"""What the webrtc worker keeps over restarts: the certificates of browsers that came with a ticket."""

from __future__ import annotations

import msgspec

from common.files.state import Placed


class KnownListener(msgspec.Struct, frozen=True, kw_only=True):
    """A browser. It proves with each connection that it has the certificate's private key (DTLS)."""

    fingerprint: str
    """SHA-256 of its certificate, as SDP has it. It opens nothing by itself."""
    met_at: float
    """Unix seconds."""
    came_at: float
    """When it connected last."""


class KnownListeners(Placed, frozen=True, kw_only=True):
    """`place` names the pages' keys. Other keys, and nobody is known."""

    listeners: tuple[KnownListener, ...] = ()
