"""What stands between the network and aioice and aiortc: what they cannot bear, or need not see, ends here.

A member of the party is hostile until shown otherwise, and so is everybody who can send a datagram to this machine.

- `datagrams` decides which datagrams pass, `protocol` applies that to aioice;
- `certificate`, `dtls` and `flights` are the DTLS handshake: whom it reaches, what it said, what is sent again;
- `sctp` bounds the data channel, `closing` frees what a connection holds whatever state it is in;
- `story` and `explain` say why a connection did not come up.
"""

from __future__ import annotations

import aioice.ice

from common import ice
from common.ice import IceOptions
from workers.media.guard.protocol import GuardedConnection, GuardedProtocol


def install(options: IceOptions) -> None:
    """Let every peer connection that this process makes gather by `options`, and be guarded."""
    ice.install(options, GuardedConnection)
    aioice.ice.StunProtocol = GuardedProtocol  # type: ignore[misc]
