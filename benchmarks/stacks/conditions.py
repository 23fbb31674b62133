"""Conditions of the test, one for each row of the table. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Setup = Literal["active", "passive", "actpass"]
Extra = Literal["", "restart", "lossy", "moved"]


@dataclass(frozen=True)
class Condition:
    """Behaviour of the console. The defaults follow the captures (P-256, SHA-256, 40 ms, mono)."""

    name: str
    offers: bool = True
    """Whether the console offers. Otherwise it answers."""
    setup: Setup = "actpass"
    """The DTLS role that the console wants. If it answers: ``active`` or ``passive``."""
    certificate: str = "ecdsa-p256"
    hashed: str = "sha-256"
    wrong_hash: bool = False
    lite: bool = False
    candidates: Literal["all", "ipv6", "mixed", "local"] = "all"
    """``mixed``: TCP and .local candidates beside usable ones. ``local``: .local candidates only."""
    ptime: int = 40
    stereo: bool = False
    dtx: bool = False
    red: bool = False
    extra: Extra = ""
    """``restart``: ICE restarts once the console is heard. ``lossy``: a third of STUN and DTLS is lost. ``moved``: a
    NAT gives the console another port in mid-speech."""
    must_fail: bool = False

    @property
    def reports(self) -> bool:
        """Whether to wait until the console gets receiver reports."""
        return self.red or self.dtx or self.name.startswith("40 ms")


_OFFERING: tuple[Setup, ...] = ("actpass", "active", "passive")
_ANSWERING: tuple[Setup, ...] = ("active", "passive")
_ROLES = [Condition("", offers=True, setup=setup) for setup in _OFFERING]
_ROLES += [Condition("", offers=False, setup=setup) for setup in _ANSWERING]
_KINDS = {"ecdsa-p256": "ECDSA P-256", "rsa-2048": "RSA 2048"}


def _role(condition: Condition) -> str:
    return f"console {'offers' if condition.offers else 'answers'}, {condition.setup}"


CONDITIONS: tuple[Condition, ...] = (
    *(
        replace(role, name=f"{words}, {_role(role)}", certificate=kind)
        for kind, words in _KINDS.items()
        for role in _ROLES
    ),
    Condition("ECDSA P-384, console offers, passive", certificate="ecdsa-p384", setup="passive"),
    Condition("fingerprint SHA-384", hashed="sha-384"),
    Condition("fingerprint SHA-512", hashed="sha-512"),
    Condition("ICE-lite, console offers", lite=True),
    Condition("ICE-lite, console answers", lite=True, offers=False, setup="passive"),
    Condition("IPv6 only, console offers", candidates="ipv6"),
    Condition("IPv6 only, console answers", candidates="ipv6", offers=False, setup="active"),
    Condition("TCP and .local candidates beside", candidates="mixed"),
    Condition(".local candidates only", candidates="local"),
    Condition("20 ms packets", ptime=20),
    Condition("40 ms packets, receiver reports", ptime=40),
    Condition("60 ms packets", ptime=60),
    Condition("stereo", stereo=True),
    Condition("DTX, receiver reports", dtx=True),
    Condition("RED, receiver reports", red=True),
    Condition("a third of STUN and DTLS lost", extra="lossy"),
    Condition("ICE restart in mid-speech", extra="restart"),
    Condition("a NAT moves the console, 40 s", extra="moved"),
    Condition("another certificate than announced", wrong_hash=True, must_fail=True),
)
