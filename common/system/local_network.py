"""What keeps programs of this machine from their local network: macOS' Local Network privacy, elsewhere a firewall.

macOS 15 and later let a program send to the local network only after its user has allowed it. A blocked send fails with
EHOSTUNREACH, the gateway and the Internet stay reachable (Apple's TN3179). Not run on a Mac yet.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import socket
import sys

BLOCKED = frozenset({errno.EHOSTUNREACH, errno.EPERM, errno.EACCES})
"""Errors of a send that the system refuses. A machine that is merely off gives EHOSTDOWN on a Mac, none on Linux."""
_DISCARD = 9
"""The port of the discard service, where a datagram harms nobody."""
_DOCUMENTATION = ("192.0.2.1", "2001:db8::1")
"""Documentation addresses. Nothing is sent to them, and the system only reports the local address it would use."""
_MAC = (
    "In System Settings → Privacy & Security → Local Network, allow Terminal (or the program that started partyline, "
    "or Python). Then start partyline from Terminal again, and leave Terminal open."
)
_OTHER = (
    "Let Python send UDP into the local network. Look for a firewall rule (`sudo nft list ruleset`), or a VPN that "
    "keeps programs from it."
)


def blocked_by(platform: str = sys.platform) -> str:
    """Return who refuses sends into the local network, as the subject of a sentence."""
    return "macOS" if platform == "darwin" else "A firewall or VPN of this machine"


def remedy(platform: str = sys.platform) -> str:
    """Return what to do about it."""
    return _MAC if platform == "darwin" else _OTHER


def refusal(error: OSError | None) -> str:
    """Return the name of the error, e.g. ``EHOSTUNREACH``, if the system refused the send by it. Otherwise empty."""
    if error is None or error.errno not in BLOCKED:
        return ""
    return errno.errorcode[error.errno]


def local_addresses() -> list[str]:
    """Return the local addresses by which datagrams would leave, none without a network."""
    found = []
    for family, address in zip((socket.AF_INET, socket.AF_INET6), _DOCUMENTATION, strict=True):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, _DISCARD))
            found.append(str(probe.getsockname()[0]))
    return found


def neighbour(address: str) -> str:
    """Return another address of the same /24, usually the router's. Empty if `address` is no private IPv4 address."""
    try:
        own = ipaddress.IPv4Address(address)
    except ValueError:
        return ""
    if not own.is_private or own.is_loopback:
        return ""
    first = int(own) & 0xFFFFFF00 | 1
    return str(ipaddress.IPv4Address(first if first != int(own) else first + 1))


def ask(platform: str = sys.platform) -> str:
    """On a Mac, send one empty datagram into the local network, so that macOS asks its question now.

    Return the address that it went to, empty if none did. Never raises. Apple offers no other way to bring it up.
    """
    targets = [neighbour(address) for address in local_addresses()] if platform == "darwin" else []
    for target in filter(None, targets):
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"", (target, _DISCARD))
            return target
    return ""
