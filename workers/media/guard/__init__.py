"""The guard between the network and aioice and aiortc. It stops what they cannot handle or need not see.

A member of the party may be hostile, and so may anybody who can send a datagram to this machine.

- `datagrams` decides which datagrams pass, `filtered` applies that to aioice, and `moves` follows a moved peer.
- `lan_sends` notices that this machine lets nothing out into the local network.
- `certificate`, `dtls`, `client_hello` and `handshake` are the DTLS handshake: the peers it works with, its record,
  and repeated flights.
- `sctp` limits the data channel, and `closing` frees what a connection holds in any state.
- `connection_log` and `diagnosis` give the reason why a connection did not come up.
"""

from __future__ import annotations

import aioice.ice

from common import ice
from common.ice import IceOptions
from workers.media.guard.filtered import GuardedProtocol
from workers.media.guard.moves import GuardedConnection


def install(options: IceOptions) -> None:
    """Make every peer connection of this process gather by `options` and use the guard."""
    ice.install(options, GuardedConnection)
    aioice.ice.StunProtocol = GuardedProtocol  # type: ignore[misc]
