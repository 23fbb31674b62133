"""The certificates, judged by OpenSSL: what a device accepts, and what the issuer cannot sign."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from common.config.https.authority import (
    RENEW_DAYS,
    SERVER_DAYS,
    Authority,
    CertificateNames,
    ServerCertificate,
    fingerprint,
    lost_names,
    names_of,
    new_authority,
    new_server_certificate,
    why_renew,
    why_replace,
)

NOW = dt.datetime.now(dt.UTC)
LAN = CertificateNames(names=("avas-mac.local", "avas-mac"), addresses=("192.168.1.7", "fd00::7"))
DAY = dt.timedelta(days=1)
APPLE_DAYS = 825


@pytest.fixture(scope="module")
def authority() -> Authority:
    return new_authority(LAN, NOW)


@pytest.fixture(scope="module")
def server(authority: Authority) -> ServerCertificate:
    return new_server_certificate(authority, LAN, NOW)


def refused(folder: Path, authority: Authority, server: ServerCertificate, host: str) -> str:
    """Shake hands in memory, as a device that trusts the root. Return why the device refuses, empty if it does not."""
    file = folder / "server.pem"
    file.write_text(server.certificate + authority.issuer + server.key)
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(file)
    device = ssl.create_default_context(cadata=authority.root)
    to_server, to_device = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = served.wrap_bio(to_server, to_device, server_side=True)
    there = device.wrap_bio(to_device, to_server, server_hostname=host)
    for _ in range(6):
        for side in (there, here):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLCertVerificationError as error:
                return error.verify_message
    return ""


@pytest.mark.parametrize("host", ["avas-mac.local", "avas-mac", "192.168.1.7", "fd00::7"])
def test_a_device_that_trusts_the_root_accepts_the_machine(
    tmp_path: Path, authority: Authority, server: ServerCertificate, host: str
) -> None:
    assert refused(tmp_path, authority, server, host) == ""


def test_another_machine_is_not_accepted(tmp_path: Path, authority: Authority, server: ServerCertificate) -> None:
    assert "mismatch" in refused(tmp_path, authority, server, "192.168.1.8").lower()
    other = new_authority(LAN, NOW)
    posing = new_server_certificate(other, LAN, NOW)
    mixed = Authority(root=authority.root, issuer=other.issuer, issuer_key=other.issuer_key)
    assert refused(tmp_path, mixed, posing, "avas-mac.local") != ""


@pytest.mark.parametrize("host", ["store.playstation.com", "avas-mac.local.evil.example", "192.0.2.7"])
def test_a_stolen_issuer_cannot_pose_as_anything_else(tmp_path: Path, authority: Authority, host: str) -> None:
    honest = new_server_certificate(authority, LAN, NOW)
    issuer_key = load_pem_private_key(authority.issuer_key.encode(), None)
    issuer = x509.load_pem_x509_certificate(authority.issuer.encode())
    model = x509.load_pem_x509_certificate(honest.certificate.encode())
    is_address = host[0].isdigit()
    name = x509.IPAddress(ipaddress.ip_address(host)) if is_address else x509.DNSName(host)
    forged = (
        x509.CertificateBuilder()
        .subject_name(model.subject)
        .issuer_name(issuer.subject)
        .public_key(model.public_key())
        .serial_number(7)
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .sign(issuer_key, hashes.SHA256())  # type: ignore[arg-type]
    )
    posing = ServerCertificate(certificate=forged.public_bytes(Encoding.PEM).decode(), key=honest.key)
    assert "permitted subtree violation" in refused(tmp_path, authority, posing, host)


def test_what_apple_wants_of_a_server_certificate(server: ServerCertificate) -> None:
    found = x509.load_pem_x509_certificate(server.certificate.encode())
    assert found.not_valid_after_utc - found.not_valid_before_utc < dt.timedelta(days=APPLE_DAYS)
    usage = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert x509.oid.ExtendedKeyUsageOID.SERVER_AUTH in usage
    assert isinstance(found.signature_hash_algorithm, hashes.SHA256)
    assert names_of(server) == LAN


def test_a_public_address_and_a_new_name_are_left_out(authority: Authority) -> None:
    names = CertificateNames(names=("renamed.local", "avas-mac.local"), addresses=("8.8.8.8", "10.0.0.2"))
    made = new_server_certificate(authority, names, NOW)
    assert names_of(made) == CertificateNames(names=("avas-mac.local",), addresses=("10.0.0.2",))
    assert lost_names(authority, names) == ("renamed.local",)
    assert why_renew(made, authority, names, NOW) == ""


def test_when_the_server_needs_another_certificate(authority: Authority, server: ServerCertificate) -> None:
    assert why_renew(server, authority, LAN, NOW) == ""
    assert why_renew(server, authority, CertificateNames(names=("avas-mac",)), NOW) == ""  # an address that went away
    moved = CertificateNames(names=LAN.names, addresses=("10.9.9.9",))
    assert "new address or name: 10.9.9.9" in why_renew(server, authority, moved, NOW)
    assert why_renew(server, authority, LAN, NOW + (SERVER_DAYS - RENEW_DAYS) * DAY - DAY / 2) == ""
    assert "ends soon" in why_renew(server, authority, LAN, NOW + (SERVER_DAYS - RENEW_DAYS) * DAY + DAY / 2)
    assert "set back" in why_renew(server, authority, LAN, NOW - 30 * DAY)
    assert "another authority" in why_renew(server, new_authority(LAN, NOW), LAN, NOW)


def test_an_authority_ends_with_a_clock_that_is_wrong_or_after_ten_years(authority: Authority) -> None:
    assert why_replace(authority, NOW) == ""
    assert "clock" in why_replace(authority, dt.datetime(1970, 1, 2, tzinfo=dt.UTC))
    assert "ends soon" in why_replace(authority, NOW + 3640 * DAY)


def test_a_machine_without_a_usable_name_signs_for_addresses_only(tmp_path: Path) -> None:
    nameless = new_authority(CertificateNames(), NOW)
    made = new_server_certificate(nameless, CertificateNames(addresses=("192.168.1.7",)), NOW)
    assert refused(tmp_path, nameless, made, "192.168.1.7") == ""
    assert lost_names(nameless, LAN) == LAN.names


def test_a_fingerprint_looks_as_devices_show_it(authority: Authority) -> None:
    assert len(fingerprint(authority.root).split()) == 32
    assert authority.issuer_key not in repr(authority)
