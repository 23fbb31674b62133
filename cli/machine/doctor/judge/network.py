"""Judgements about the network: the way out, addresses, NAT, the local network."""

from __future__ import annotations

import msgspec

from cli.machine.doctor.check import CheckEvidence, CheckVerdict

CLOCK_S = 30.0
"""An error of the clock that a server's Date (whole seconds) shows for certain."""
CLOCK_BAD_S = 3600.0
"""The life of an access token (notes/auth.md). Beyond it a fresh one counts as expired."""
FEWEST_CERTIFICATES = 20
"""certifi has about 120. A company's own file may have few, and then most servers are not trusted."""
_ROUTER = "Check the cable or Wi-Fi, then the router."


class Proxies(CheckEvidence, frozen=True, kw_only=True):
    named_by: tuple[str, ...] = ()
    """Variables, or the system's settings, that name a proxy for PlayStation's hosts. The address is not shown."""
    fault: str = ""


def proxies(found: Proxies) -> CheckVerdict:
    if found.fault:
        return CheckVerdict("error", found.fault, "Correct or unset that variable, then run `partyline restart all`.")
    if found.named_by:
        return CheckVerdict(
            "note",
            f"Calls go through the proxy that {', '.join(found.named_by)} names. Voices do not: they need UDP.",
            "If voices stay silent, use a network without a proxy.",
        )
    return CheckVerdict("ok", "No proxy.")


class Certificates(CheckEvidence, frozen=True, kw_only=True):
    count: int = 0
    source: str = ""
    fault: str = ""


def certificates(found: Certificates) -> CheckVerdict:
    if found.fault:
        return CheckVerdict("error", found.fault, "Correct or unset that variable.")
    if found.count < FEWEST_CERTIFICATES and found.source == "certifi":
        return CheckVerdict("error", f"Only {found.count} certificates are trusted.", "Run `make setup` again.")
    if found.count < FEWEST_CERTIFICATES:
        return CheckVerdict(
            "warning",
            f"{found.source} names {found.count} certificates only, so few servers are trusted.",
            f"Unset {found.source}, unless your network needs it.",
        )
    return CheckVerdict("ok", f"{found.count} certificates are trusted ({found.source}).")


class Names(CheckEvidence, frozen=True, kw_only=True):
    resolved: dict[str, int] = msgspec.field(default_factory=dict)
    """Name → milliseconds."""
    failed: dict[str, str] = msgspec.field(default_factory=dict)
    """Name → why it was not resolved."""


def names(found: Names) -> CheckVerdict:
    if not found.resolved and not found.failed:
        return CheckVerdict("ok", "There is no name to look up.")
    if not found.resolved:
        return CheckVerdict("error", f"No name can be looked up ({next(iter(found.failed.values()))}).", _ROUTER)
    if found.failed:
        return CheckVerdict(
            "warning",
            f"Not found: {', '.join(found.failed)}.",
            "If it is misspelt, correct it. A filter in the router (ad blocker) may also hide it.",
        )
    return CheckVerdict("ok", f"{len(found.resolved)} names found, the slowest in {max(found.resolved.values())} ms.")


class Outside(CheckEvidence, frozen=True, kw_only=True):
    server: str
    """`[doctor] date_url`."""
    fault: str = ""
    certificate: str = ""
    """Why its certificate was refused."""
    off_s: float | None = None
    """How far this clock is ahead of the server's, None without a Date."""


def outside(found: Outside) -> CheckVerdict:
    if found.certificate:
        return CheckVerdict(
            "error",
            f"The certificate of {found.server} is not trusted ({found.certificate}).",
            "Check the clock first. A company's network or a virus scanner that opens connections needs its own "
            "certificate in $SSL_CERT_FILE.",
        )
    if found.fault:
        return CheckVerdict("error", f"{found.server} cannot be reached ({found.fault}).", _ROUTER)
    return CheckVerdict("ok", f"{found.server} answers.")


def clock(found: Outside) -> CheckVerdict:
    if found.off_s is None:
        return CheckVerdict(
            "cannot tell", "No server's clock could be asked.", "Compare this machine's clock yourself."
        )
    off = abs(found.off_s)
    if off < CLOCK_S:
        return CheckVerdict("ok", "The clock is right.")
    ahead = "ahead" if found.off_s > 0 else "behind"
    return CheckVerdict(
        "error" if off > CLOCK_BAD_S else "warning",
        f"The clock is {_span(off)} {ahead}.",
        "Let it be set by itself: System Settings → General → Date & Time, or `timedatectl set-ntp true`.",
    )


def _span(seconds: float) -> str:
    return (
        f"{seconds:.0f} s"
        if seconds < 120
        else f"{seconds / 60:.0f} min"
        if seconds < 7200
        else f"{seconds / 3600:.0f} h"
    )


class StunAnswer(msgspec.Struct, frozen=True, kw_only=True):
    interface: str
    address: str
    server: str
    public: str = ""
    """Empty without an answer."""
    took_ms: int = 0
    fault: str = ""


class Stun(CheckEvidence, frozen=True, kw_only=True):
    answers: tuple[StunAnswer, ...] = ()


def stun(found: Stun) -> CheckVerdict:
    if not found.answers:
        return CheckVerdict("error", "There is no network interface, or no STUN server to ask.", _ROUTER)
    answered = [one for one in found.answers if one.public]
    if not answered:
        fault = next((one.fault for one in found.answers if one.fault), "no answer")
        return CheckVerdict(
            "error",
            f"No STUN server answers ({fault}), so UDP to the Internet is probably blocked.",
            "Members in other networks cannot be reached. Use another network, or allow UDP in firewall and router.",
        )
    dead = sorted({one.server for one in found.answers} - {one.server for one in answered})
    if dead:
        return CheckVerdict("note", f"No answer from {', '.join(dead)}. Others answer, which is enough.", "")
    fastest = min(one.took_ms for one in answered)
    interfaces = sorted({one.interface for one in answered})
    return CheckVerdict("ok", f"Answers by {', '.join(interfaces)}, the first after {fastest} ms.")


class NatKind(CheckEvidence, frozen=True, kw_only=True):
    mapping: str = ""
    """``none``, ``independent`` of the destination, ``by address``, ``by address and port``, or empty if unknown."""
    filtering: str = ""
    """Likewise, for what is let in."""
    method: str = ""
    """``RFC 5780``, ``two servers``, or empty."""


def nat(found: NatKind) -> CheckVerdict:
    if not found.mapping:
        return CheckVerdict(
            "cannot tell",
            "The kind of NAT cannot be told without two answers of STUN servers.",
            "See the check of STUN.",
        )
    if found.mapping == "none":
        return CheckVerdict("ok", "There is no NAT.")
    if found.mapping == "independent":
        return CheckVerdict("ok", f"The router keeps one port for all destinations ({found.method}).")
    return CheckVerdict(
        "warning",
        f"The router gives another port for each destination ({found.method}). Members behind a router like it "
        "cannot be reached.",
        "Enable UPnP or “full cone” NAT in the router, or use another network (many mobile networks do this).",
    )


class Ipv6(CheckEvidence, frozen=True, kw_only=True):
    addresses: tuple[str, ...] = ()
    """Global ones."""
    routed: bool = False
    offered: bool = True
    """`[ice] ipv6`."""


def ipv6(found: Ipv6) -> CheckVerdict:
    if found.addresses and not found.routed:
        return CheckVerdict(
            "note",
            "This machine has an IPv6 address, and no way to the Internet by it.",
            "Voices then take IPv4. If members connect slowly, set `[ice] ipv6 = false`.",
        )
    return CheckVerdict("ok", "IPv6 is available." if found.addresses else "No IPv6. Voices take IPv4.")


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    interface: str
    address: str
    known: bool
    """Whether this machine talked with it lately, so that it is surely there."""
    fault: str = ""
    """``EHOSTUNREACH`` and the like, empty if the datagram went out."""


class Lan(CheckEvidence, frozen=True, kw_only=True):
    on_mac: bool = False
    tried: tuple[Neighbour, ...] = ()
    program: str = ""
    """The program that this runs in, as far as a variable names it: macOS asks for each one."""


_BLOCKS = ("EHOSTUNREACH", "EPERM", "EACCES", "ENETUNREACH")
"""Of a neighbour's address only a block gives these at once. A machine that is off gives none on Linux, and EHOSTDOWN
on a Mac."""


def lan(found: Lan) -> CheckVerdict:
    if not found.tried:
        return CheckVerdict("ok", "There is no local network.")
    blocked = [one for one in found.tried if one.fault in _BLOCKS]
    if not blocked:
        return CheckVerdict("ok", f"Datagrams go out to the local network ({', '.join(_interfaces(found.tried))}).")
    what = f"UDP to the local network is blocked ({blocked[0].fault}), so a console beside you is not heard"
    if not found.on_mac:
        return CheckVerdict(
            "warning", f"{what}.", "Check the firewall's rules (`sudo nft list ruleset`) and `ip route`."
        )
    return CheckVerdict(
        "error",
        f"{what}.",
        "System Settings → Privacy & Security → Local Network: allow the program that you started it from "
        f"({found.program or 'Terminal'}) and python. Or start partyline from Terminal, and leave Terminal open.",
    )


def _interfaces(tried: tuple[Neighbour, ...]) -> list[str]:
    return sorted({one.interface for one in tried})


class Port(CheckEvidence, frozen=True, kw_only=True):
    address: str
    owner: str
    """``nobody``, ``ours``, ``other``, or why it cannot be used."""
    program: str = ""


def port(found: Port) -> CheckVerdict:
    if found.owner in ("nobody", "ours"):
        return CheckVerdict("ok", f"{found.address} is {'free' if found.owner == 'nobody' else 'our dashboard'}.")
    if found.owner == "other":
        by = f" by {found.program}" if found.program else ""
        return CheckVerdict(
            "error",
            f"The dashboard's address {found.address} is in use{by}.",
            "Stop that program, or set another `[dashboard] port`. Then run `partyline restart dashboard`.",
        )
    return CheckVerdict(
        "error", f"The dashboard cannot listen at {found.address}: {found.owner}.", "Correct `[dashboard] listen`."
    )
