"""The certificate authority of a home, and the certificates that it signs. No I/O.

The root is what other devices trust. Its key signs one certificate, that of the issuer, and is then discarded. The
issuer is limited to this machine's names and to private addresses, critically, and no validator may ignore the limits
of a certificate that is not a root. Whoever steals the issuer's key can therefore pose as this machine in a private
network and as nobody else.

Apple refuses server certificates that are valid for longer than 825 days (support.apple.com/103769), also below a root
that a user added. Its limit of 398 days is for roots that come with the system.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from common.config.https.certificate_names import CertificateNames
from common.log.secret import Guarded, Secret

AUTHORITY_DAYS = 3650
"""Lifetime of root and issuer. A new root has to be installed on each device again, so it is long. mkcert chose the
same."""
SERVER_DAYS = 90
"""Lifetime of the server's certificate, as Let's Encrypt chose it. Apple's limit is 825 days."""
RENEW_DAYS = 30
"""Days before the end at which it is renewed, a third of its lifetime."""
SERVER = "partyline server"
"""Subject of the server's certificate. OpenSSL takes a subject that looks like a name for one, and holds it against the
issuer's limits."""
BACKDATED = dt.timedelta(days=2)
"""A device whose clock is behind by less accepts the certificate."""
PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
        "100.64.0.0/10",  # carriers' NAT, and Tailscale
        *("fc00::/7", "fe80::/10"),
    )
)
"""Addresses for which the issuer may sign."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Authority(Guarded, frozen=True, kw_only=True):
    """A home's authority, in PEM."""

    root: str
    issuer: str
    issuer_key: Secret


class ServerCertificate(Guarded, frozen=True, kw_only=True):
    """The server's certificate and key, in PEM."""

    certificate: str
    key: Secret


def new_authority(names: CertificateNames, now: dt.datetime) -> Authority:
    """Make an authority for this machine. The key of its root is discarded on return."""
    called = names.names[0] if names.names else "this machine"
    root_key, issuer_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name, issuer_name = _name(f"partyline on {called}"), _name(f"partyline on {called}, issuer")
    root = (
        _begun(root_name, root_name, root_key.public_key(), now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    issuer = (
        _begun(issuer_name, root_name, issuer_key.public_key(), now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.NameConstraints(_permitted(names.names), None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    return Authority(root=_pem(root), issuer=_pem(issuer), issuer_key=_key_pem(issuer_key))


def new_server_certificate(authority: Authority, names: CertificateNames, now: dt.datetime) -> ServerCertificate:
    """Sign a certificate for those of `names` that the authority permits."""
    fits = permitted_of(authority, names)
    issuer = x509.load_pem_x509_certificate(authority.issuer.encode())
    issuer_key = load_pem_private_key(authority.issuer_key.encode(), None)
    assert isinstance(issuer_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    alternatives = [
        *(x509.DNSName(name) for name in fits.names),
        *(x509.IPAddress(ipaddress.ip_address(address)) for address in fits.addresses),
    ]
    days = min(SERVER_DAYS, (issuer.not_valid_after_utc - now).days)
    made = (
        _begun(_name(SERVER), issuer.subject, key.public_key(), now, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if alternatives:
        made = made.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return ServerCertificate(certificate=_pem(made.sign(issuer_key, hashes.SHA256())), key=_key_pem(key))


def permitted_of(authority: Authority, names: CertificateNames) -> CertificateNames:
    """Return those of `names` that the authority may sign for."""
    permitted = _permitted_names(authority)
    return CertificateNames(
        names=tuple(name for name in names.names if name in permitted),
        addresses=tuple(address for address in names.addresses if is_private(address)),
    )


def lost_names(authority: Authority, names: CertificateNames) -> tuple[str, ...]:
    """Return this machine's names that the authority was not made for, because the machine was renamed."""
    return tuple(name for name in names.names if name not in _permitted_names(authority))


def is_private(address: str) -> bool:
    """Return whether the issuer may sign for an address."""
    found = ipaddress.ip_address(address)
    return any(found in network for network in PRIVATE if network.version == found.version)


def why_renew(server: ServerCertificate, authority: Authority, names: CertificateNames, now: dt.datetime) -> str:
    """Return why the server needs another certificate, empty if it does not."""
    certificate = x509.load_pem_x509_certificate(server.certificate.encode())
    issuer = x509.load_pem_x509_certificate(authority.issuer.encode())
    if not _is_issued_by(certificate, issuer):
        return "it is of another authority"
    if now < certificate.not_valid_before_utc:
        return "this machine's clock was set back"
    if certificate.not_valid_after_utc - now < dt.timedelta(days=RENEW_DAYS):
        return "it ends soon"
    wanted, present = permitted_of(authority, names), names_of(server)
    if missing := [
        one for one in (*wanted.names, *wanted.addresses) if one not in (*present.names, *present.addresses)
    ]:
        return f"this machine has a new address or name: {', '.join(missing)}"
    return ""


def why_replace(authority: Authority, now: dt.datetime) -> str:
    """Return why the authority is of no use any more, empty if it is."""
    issuer = x509.load_pem_x509_certificate(authority.issuer.encode())
    if issuer.not_valid_after_utc - now < dt.timedelta(days=RENEW_DAYS):
        return "It ends soon"
    return "This machine's clock is wrong, or was wrong when it was made" if now < issuer.not_valid_before_utc else ""


def names_of(server: ServerCertificate) -> CertificateNames:
    """Return the names and addresses of a certificate."""
    certificate = x509.load_pem_x509_certificate(server.certificate.encode())
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return CertificateNames()
    return CertificateNames(
        names=tuple(found.get_values_for_type(x509.DNSName)),
        addresses=tuple(str(address) for address in found.get_values_for_type(x509.IPAddress)),
    )


def _all(names: CertificateNames) -> tuple[str, ...]:
    return (*names.names, *names.addresses)


def ends_at(pem: str) -> dt.datetime:
    return x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc


def fingerprint(pem: str) -> str:
    """Return a certificate's SHA-256 fingerprint as devices show it: pairs of hex digits."""
    return x509.load_pem_x509_certificate(pem.encode()).fingerprint(hashes.SHA256()).hex(" ").upper()


def der(pem: str) -> bytes:
    return x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)


def title(pem: str) -> str:
    """Return what a certificate is called, as devices list it."""
    subject = x509.load_pem_x509_certificate(pem.encode()).subject
    return str(subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def _permitted_names(authority: Authority) -> frozenset[str]:
    issuer = x509.load_pem_x509_certificate(authority.issuer.encode())
    constraints = issuer.extensions.get_extension_for_class(x509.NameConstraints).value
    return frozenset(one.value for one in constraints.permitted_subtrees or () if isinstance(one, x509.DNSName))


def _permitted(names: Iterable[str]) -> list[x509.GeneralName]:
    """Return the subtrees. A kind of name without an entry is unlimited, so a name that nobody has is always there."""
    return [
        *(x509.DNSName(name) for name in (*names, "partyline.invalid")),
        *(x509.IPAddress(network) for network in PRIVATE),
    ]


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: dt.datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs, key_cert_sign=signs, crl_sign=signs, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception:  # noqa: BLE001  # its errors are of several libraries, and each means no
        return False
    return True


def _name(called: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, called[:64])])  # RFC 5280's limit


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
