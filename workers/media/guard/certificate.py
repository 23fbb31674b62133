"""The local DTLS certificate. It is aiortc's, with settings that also allow members with an RSA certificate.

aiortc offers ECDHE-ECDSA suites only. A suite names the kind of the *server's* certificate, so a member with an RSA one
could be reached in one of the two DTLS roles at most.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import (
    X509_DIGEST_ALGORITHMS,
    RTCDtlsFingerprint,
    SRTPProtectionProfile,
    certificate_digest,
)
from cryptography import x509
from OpenSSL import SSL

SUITES = ":".join(
    f"ECDHE-{kind}-{rest}"
    for rest in ("AES128-GCM-SHA256", "CHACHA20-POLY1305", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA")
    for kind in ("ECDSA", "RSA")
)
"""All with forward secrecy, as WebRTC demands (RFC 8827)."""
SECURITY_LEVEL = 1
"""OpenSSL's default level 2 refuses keys of 1024 bits. They are accepted here, because only the certificate's
fingerprint is trusted, and that came by Sony's servers."""


class Certificate(RTCCertificate):
    """A certificate that reports OpenSSL's info callback and the kind of the peer's certificate."""

    def __init__(
        self,
        of: RTCCertificate,
        on_info: Callable[[SSL.Connection, int, int], None],
        on_certificate: Callable[[SSL.Connection, str], None],
    ) -> None:
        super().__init__(of._key, of._cert)  # noqa: SLF001
        self._on_info, self._on_certificate = on_info, on_certificate

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        context = super()._create_ssl_context(srtp_profiles)
        context.set_cipher_list(f"{SUITES}:@SECLEVEL={SECURITY_LEVEL}".encode())
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, self._verify)
        context.set_info_callback(self._on_info)
        return context

    def _verify(self, connection: SSL.Connection, certificate: Any, _error: int, depth: int, _fine: int) -> bool:
        """Accept any certificate. Its fingerprint is checked after the handshake."""
        if depth == 0:
            self._on_certificate(connection, kind_of(certificate.to_cryptography()))
        return True


def kind_of(certificate: x509.Certificate) -> str:
    """Return a certificate's kind in words, e.g. ``RSA 2048``."""
    key = cast("Any", certificate.public_key())
    name = type(key).__name__.removesuffix("PublicKey").lstrip("_")
    curve = getattr(key, "curve", None)
    return f"ECDSA {curve.name}" if curve is not None else f"{name} {getattr(key, 'key_size', '')}".strip()


def matches(certificate: x509.Certificate, fingerprints: list[RTCDtlsFingerprint]) -> bool:
    """Return whether a certificate is the announced one (RFC 8122).

    One value must match for each known algorithm. A member with two certificates announces two values.
    """
    known: dict[str, set[str]] = {}
    for one in fingerprints:
        if one.algorithm.lower() in X509_DIGEST_ALGORITHMS:
            known.setdefault(one.algorithm.lower(), set()).add(one.value.upper())
    return bool(known) and all(certificate_digest(certificate, name) in values for name, values in known.items())
