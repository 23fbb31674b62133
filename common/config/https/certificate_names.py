"""What a certificate is made for. It loads nothing of what makes one."""

from __future__ import annotations

import msgspec


class CertificateNames(msgspec.Struct, frozen=True, kw_only=True):
    """Names and addresses by which other devices reach this machine."""

    names: tuple[str, ...] = ()
    """Lower case, the best one first."""
    addresses: tuple[str, ...] = ()
