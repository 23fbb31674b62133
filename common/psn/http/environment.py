"""Proxies and certificates from the environment, for every client of the outside world.

The libraries are not trusted with this. Each reads the variables in its own way, some with an ImportError or an
unnamed file. Here an unusable variable raises a `NoWayOutError` that names it. Loopback never has a proxy.
"""

from __future__ import annotations

import functools
import ipaddress
import os
import re
import ssl
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import certifi

from common.config.settings import is_loopback
from common.psn.errors import NoWayOutError

SOCKS = frozenset({"socks5", "socks5h"})
_SPOKEN = SOCKS | {"http", "https"}
_SCHEMES = {"wss": "https", "ws": "http"}


@dataclass(frozen=True)
class Proxy:
    """A proxy to use. The URL may hold a password, so it is neither logged nor shown."""

    url: str = field(repr=False)
    """Of scheme http, https, socks5 or socks5h, with a host. A SOCKS proxy always resolves names itself."""
    named_by: str
    """The variable, or a description of another source."""


def proxy_for(url: str) -> Proxy | None:
    """Return the proxy for that URL, or None for a direct connection. Raises `NoWayOutError`.

    A variable that does not apply to `url` (another scheme, $NO_PROXY) is not checked.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host):
        return None
    found = urllib.request.getproxies()
    for key in dict.fromkeys((parts.scheme, _SCHEMES.get(parts.scheme, parts.scheme), "all")):
        if value := found.get(key, ""):
            return None if _left_out(host) else _checked(value, _named_by(key))
    return None


def _left_out(host: str) -> bool:
    if urllib.request.getproxies_environment():
        return exempt(host, urllib.request.getproxies_environment().get("no", ""))
    return bool(urllib.request.proxy_bypass(host))  # the system's own list, on a Mac (untested there)


def exempt(host: str, no_proxy: str) -> bool:
    """Return whether $NO_PROXY exempts `host`, by name, domain, address or network, in any form in use."""
    host = host.lower().rstrip(".")
    address = _address(host)
    for entry in re.split(r"[,;\s]+", no_proxy.lower()):
        if entry == "*":
            return True
        name = re.sub(r"^(\[.*\]|[^:]*):\d+$", r"\1", entry).strip("[]").removeprefix("*").strip(".")
        if not name:
            continue
        if address is not None:
            if (network := _network(name)) is not None and address in network:
                return True
        elif host == name or host.endswith(f".{name}"):
            return True
    return False


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _named_by(key: str) -> str:
    """Return the variable that `key` of `getproxies` comes from. Lower case wins, as in urllib."""
    names = [name for name in os.environ if name.lower() == f"{key}_proxy" and os.environ[name]]
    lower = [name for name in names if name.islower()]
    return (lower or names or ["the system's proxy settings"])[0]


def _checked(value: str, named_by: str) -> Proxy:
    """Return that proxy in a form that every client accepts. Raises `NoWayOutError`, without the value in it."""
    value = value.strip()
    if "://" not in value:
        value = f"http://{value}"
    try:
        parts = urlsplit(value)
        scheme, host, _ = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError as error:
        raise NoWayOutError(named_by, "is no address of a proxy") from error
    if scheme == "socks":  # what GNOME writes
        scheme, value = "socks5", value.replace("socks", "socks5", 1)
    if scheme not in _SPOKEN:
        raise NoWayOutError(named_by, f"names a proxy of a kind that is not spoken here ({scheme[:20]})")
    if not host:
        raise NoWayOutError(named_by, "is no address of a proxy")
    return Proxy(value.rstrip("/"), named_by)


def ssl_context() -> ssl.SSLContext:
    """Return the TLS context with the trusted certificates. Raises `NoWayOutError` if a variable names none.

    $SSL_CERT_FILE or $SSL_CERT_DIR if set, else certifi's. A Python from python.org finds none by itself on a Mac.
    """
    return _context(*(os.environ.get(name, "") for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")))


@functools.lru_cache(maxsize=4)
def _context(file: str, folder: str, key_log: str) -> ssl.SSLContext:
    if folder and not file and not Path(folder).is_dir():
        raise NoWayOutError("SSL_CERT_DIR", "names a folder of certificates that is not there")
    try:
        if file:
            return ssl.create_default_context(cafile=file)
        return ssl.create_default_context(capath=folder) if folder else ssl.create_default_context(cafile=_own())
    except (OSError, ValueError) as error:
        if key_log and Path(key_log) == Path(str(getattr(error, "filename", "") or "")):
            raise NoWayOutError("SSLKEYLOGFILE", "names a file that cannot be written") from error
        if file:
            raise NoWayOutError("SSL_CERT_FILE", "names a file that is not there, or holds no certificates") from error
        raise NoWayOutError("SSL_CERT_DIR" if folder else "", _words(error)) from error


def _own() -> str:
    return certifi.where()


def _words(error: Exception) -> str:
    return f"the certificates cannot be read ({getattr(error, 'strerror', None) or type(error).__name__})"
