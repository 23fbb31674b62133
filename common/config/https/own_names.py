"""The names and addresses by which other devices reach this machine."""

from __future__ import annotations

import ipaddress

import ifaddr

from common.config.https.certificate_names import CertificateNames
from common.config.pages import is_any
from common.system import hostname

EVERY_IPV4 = "0.0.0.0"  # noqa: S104  # compared, not bound


def own_names(listen: str) -> CertificateNames:
    """Return what a certificate for a server at `listen` needs. On a Mac it may take 2 s."""
    names = [spelt for name in hostname.names() for spelt in hostname.spellings(name)]
    found = _addresses() if is_any(listen) else [listen]
    if listen == EVERY_IPV4:
        found = [address for address in found if ":" not in address]
    return CertificateNames(
        names=tuple(dict.fromkeys(name for name in names if _is_dns_name(name))),
        addresses=tuple(dict.fromkeys(address for address in found if _is_for_others(address))),
    )


def _addresses() -> list[str]:
    found = [ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips]
    return sorted(ip if isinstance(ip, str) else ip[0] for ip in found)


def _is_for_others(address: str) -> bool:
    try:
        return not ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _is_dns_name(name: str) -> bool:
    """Return whether a certificate can have that name. A machine may be called anything."""
    labels = name.split(".")
    return len(name) <= 253 and all(
        label and len(label) <= 63 and label.isascii() and label.strip("-") == label
        and label.replace("-", "").replace("_", "").isalnum()
        for label in labels
    )  # fmt: skip
