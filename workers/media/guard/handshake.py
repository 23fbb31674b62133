"""The record of one DTLS handshake, for diagnosis. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field

ALERTS = {
    0: "close notify",
    10: "unexpected message",
    20: "bad record MAC",
    40: "handshake failure",
    42: "bad certificate",
    43: "unsupported certificate",
    44: "certificate revoked",
    45: "certificate expired",
    46: "certificate unknown",
    47: "illegal parameter",
    48: "unknown CA",
    49: "access denied",
    50: "decode error",
    51: "decrypt error",
    70: "protocol version",
    71: "insufficient security",
    80: "internal error",
    90: "user cancelled",
    109: "missing extension",
    110: "unsupported extension",
    116: "certificate required",
}
"""By RFC 8446, section 6."""
_READ_ALERT, _WROTE_ALERT, _DONE = 0x4004, 0x4008, 0x20
"""OpenSSL's SSL_CB_READ_ALERT, SSL_CB_WRITE_ALERT, SSL_CB_HANDSHAKE_DONE."""
MAX_ALERTS = 8


@dataclass
class Handshake:
    role: str = ""
    """Our role, ``client`` or ``server``."""
    offered: tuple[str, ...] = ()
    """Cipher suites of the peer's ClientHello. Ours never change."""
    offered_version: str = ""
    version: str = ""
    suite: str = ""
    certificate: str = ""
    """The kind of the peer's certificate, e.g. ``RSA 2048``, or "" if none came."""
    srtp: str = ""
    state: str = ""
    """OpenSSL's state, in its words."""
    alerts: list[str] = field(default_factory=list)
    done: bool = False
    mismatch: bool = False
    """Whether the certificate is not the one that the SDP announced."""
    continued: bool = False
    """Whether the earlier connection's association continues after an ICE restart."""
    sent: int = 0
    """DTLS datagrams."""
    came: int = 0
    repeated: int = 0
    """How many of the sent ones were repeated by us, not by OpenSSL."""

    def on_info(self, where: int, value: int) -> None:
        """Handle OpenSSL's info callback."""
        if where in (_READ_ALERT, _WROTE_ALERT):
            who = "they" if where == _READ_ALERT else "we"
            level = "fatal" if value >> 8 == 2 else "warning"
            words = ALERTS.get(value & 0xFF, f"alert {value & 0xFF}")
            if len(self.alerts) < MAX_ALERTS and value & 0xFF:
                self.alerts.append(f"{who} sent {level}: {words}")
        elif where & _DONE:
            self.done = True
