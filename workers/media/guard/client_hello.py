"""A reader of DTLS ClientHello datagrams, since OpenSSL does not report what a client offers. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

SUITES = {
    0x1301: "TLS_AES_128_GCM_SHA256",
    0x1302: "TLS_AES_256_GCM_SHA384",
    0x1303: "TLS_CHACHA20_POLY1305_SHA256",
    0xC009: "ECDHE-ECDSA-AES128-SHA",
    0xC00A: "ECDHE-ECDSA-AES256-SHA",
    0xC013: "ECDHE-RSA-AES128-SHA",
    0xC014: "ECDHE-RSA-AES256-SHA",
    0xC02B: "ECDHE-ECDSA-AES128-GCM-SHA256",
    0xC02C: "ECDHE-ECDSA-AES256-GCM-SHA384",
    0xC02F: "ECDHE-RSA-AES128-GCM-SHA256",
    0xC030: "ECDHE-RSA-AES256-GCM-SHA384",
    0xCCA8: "ECDHE-RSA-CHACHA20-POLY1305",
    0xCCA9: "ECDHE-ECDSA-CHACHA20-POLY1305",
    0x009C: "RSA-AES128-GCM-SHA256",
    0x002F: "RSA-AES128-SHA",
    0x0035: "RSA-AES256-SHA",
}
"""By IANA's numbers, named as OpenSSL does."""
_VERSIONS = {0xFEFF: "DTLS 1.0", 0xFEFD: "DTLS 1.2", 0xFEFC: "DTLS 1.3"}
_HANDSHAKE, _CLIENT_HELLO = 22, 1
_RECORD, _MESSAGE = 13, 12
_SIGNALLING = {0x00FF, 0x5600}
"""Values in the list that are not suites (RFC 5746, RFC 7507)."""
MOST = 40
"""The most suites to report."""


@dataclass(frozen=True)
class ClientHello:
    version: str
    suites: tuple[str, ...]


def read(datagram: bytes) -> ClientHello | None:
    """Return what the ClientHello at the start of `datagram` offers. None if there is none, or if it is fragmented."""
    try:
        return _read(datagram)
    except IndexError:
        return None


def _read(data: bytes) -> ClientHello | None:
    if data[0] != _HANDSHAKE or data[_RECORD] != _CLIENT_HELLO:
        return None
    body = data[_RECORD + _MESSAGE :]
    version = int.from_bytes(body[:2], "big")
    at = 2 + 32
    at += 1 + body[at]  # session id
    at += 1 + body[at]  # cookie
    length = int.from_bytes(body[at : at + 2], "big")
    listed = body[at + 2 : at + 2 + length]
    if len(listed) != length:
        return None
    numbers = [int.from_bytes(listed[i : i + 2], "big") for i in range(0, length - 1, 2)]
    suites = [SUITES.get(number, f"0x{number:04X}") for number in numbers if number not in _SIGNALLING]
    return ClientHello(_VERSIONS.get(version, f"0x{version:04X}"), tuple(suites[:MOST]))
