"""The keys by which paired machines open the pages, and the socket that brings their requests. No sockets here.

The keys of a machine follow from the dashboard's own and from the machine's public key, so they are kept nowhere. They
are void when the machine is unpaired, and when the dashboard's keys are replaced.
"""

from __future__ import annotations

import base64
import hmac
from pathlib import Path

from common.bus.peers.keyring import PairedMachine
from common.config.pages import Keys, Rights


def socket_of(run: Path) -> Path:
    """Return the dashboard's socket for the gate."""
    return run / "pages.sock"


def keys_of(keys: Keys, peer: PairedMachine) -> Keys:
    """Return the keys of a machine that may do something here. One that may only listen has no full one."""
    full = _derived(keys.full, "full", peer) if peer.right in ("control", "worker") else ""
    return Keys(full=full, read=_derived(keys.full, "read", peer))


def rights_of(given: str, keys: Keys, peers: tuple[PairedMachine, ...]) -> Rights:
    """Return what the bearer of `given` may do. The time taken does not depend on `given`."""
    found: Rights = ""
    for peer in peers:
        found = (keys_of(keys, peer).rights(given) if given and peer.right is not None else "") or found
    return found


def _derived(key: str, what: str, peer: PairedMachine) -> str:
    words = f"partyline pages {what} {peer.public}".encode()
    return base64.urlsafe_b64encode(hmac.new(key.encode(), words, "sha256").digest()[:24]).decode()
