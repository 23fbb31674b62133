"""Probes of the way out: proxies, certificates, names, a server's answer and its Date, the dashboard's port."""

from __future__ import annotations

import asyncio
import email.utils
import os
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import psutil

from cli.machine.doctor.judge.network import Certificates, Names, Outside, Port, Proxies
from cli.machine.doctor.probes.network.addresses import stun_servers
from cli.machine.doctor.surroundings import Surroundings
from common.config.dashboard_owner import owner
from common.config.pages import Keys, base_url, keys_file, load_keys
from common.config.tables import DashboardSettings
from common.errors import PartylineError
from common.psn.errors import NoWayOutError
from common.psn.http import environment, sessions

ANSWER_S = 6.0


def proxies(around: Surroundings) -> Proxies:
    psn = around.settings.psn
    urls = [psn.account_url, psn.mobile_url, psn.push_url, psn.push_socket_url.replace("{fqdn}", "push.invalid")]
    try:
        found = [proxy.named_by for url in urls if (proxy := environment.proxy_for(url)) is not None]
    except NoWayOutError as error:
        return Proxies(fault=error.message)
    return Proxies(named_by=tuple(dict.fromkeys(found)))


def certificates(around: Surroundings) -> Certificates:
    source = next((name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if around.environ.get(name)), "certifi")
    try:
        context = environment.ssl_context()
    except NoWayOutError as error:
        return Certificates(source=source, fault=error.message)
    if source == "SSL_CERT_DIR":  # OpenSSL looks into it when it needs one, by names as of `openssl rehash`
        return Certificates(source=source, count=len(list(Path(around.environ[source]).glob("*.[0-9]"))))
    return Certificates(source=source, count=context.cert_store_stats()["x509_ca"])


def names(around: Surroundings) -> Names:
    hosts = [host for host, _ in stun_servers(around)]
    hosts.append(urlsplit(around.settings.doctor.date_url).hostname or "")
    wanted = list(dict.fromkeys(host for host in hosts if host))
    with ThreadPoolExecutor(max_workers=8) as pool:
        found = dict(zip(wanted, pool.map(_looked_up, wanted), strict=True))
    return Names(
        resolved={name: result for name, result in found.items() if isinstance(result, int)},
        failed={name: result for name, result in found.items() if isinstance(result, str)},
    )


def _looked_up(host: str) -> int | str:
    began = time.monotonic()
    try:
        socket.getaddrinfo(host, None, proto=socket.IPPROTO_UDP)
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return round((time.monotonic() - began) * 1000)


def outside(around: Surroundings) -> Outside:
    return asyncio.run(_outside(around.settings.doctor.date_url))


async def _outside(url: str) -> Outside:
    server = urlsplit(url).hostname or ""
    began = time.time()
    try:
        async with (
            asyncio.timeout(ANSWER_S),
            sessions.session(url) as session,
            session.head(url, allow_redirects=False) as reply,
        ):
            date = reply.headers.get("Date", "")
    except aiohttp.ClientConnectorCertificateError as error:
        return Outside(server=server, certificate=_certificate_fault(error.certificate_error))
    except NoWayOutError as error:
        return Outside(server=server, fault=error.message.rstrip("."))
    except sessions.CONNECTION_FAULTS as error:
        return Outside(server=server, fault=_words(error))
    return Outside(server=server, off_s=_off_s(date, (began + time.time()) / 2))


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {ANSWER_S:g} s"
    cause = getattr(error, "os_error", error)
    number = getattr(cause, "errno", None) or 0
    return (os.strerror(number) if number > 0 else getattr(cause, "strerror", None) or str(error)).lower()


def _certificate_fault(error: Exception) -> str:
    return error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else type(error).__name__


def _off_s(date: str, now: float) -> float | None:
    """Return how far `now` is ahead of a server's Date, which names the second that has begun."""
    try:
        sent = email.utils.parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError):
        return None
    return round(now - sent - 0.5, 1)


def port(around: Surroundings) -> Port:
    dashboard = around.settings.dashboard
    address = f"{dashboard.listen}:{dashboard.port}"
    if not _is_answered(dashboard):
        fault = _fault_of_listening(dashboard)
        return Port(address=address, owner=fault or "nobody")
    keys = _keys(around)
    if keys is not None and owner(dashboard, keys) == "ours":
        return Port(address=address, owner="ours")
    return Port(address=address, owner="other", program=_program_at(dashboard.port))


def _is_answered(dashboard: DashboardSettings) -> bool:
    """Return whether a program accepts connections there. On a Mac a second listener would be allowed beside it."""
    parts = urlsplit(base_url(dashboard))
    try:
        socket.create_connection((parts.hostname or "", dashboard.port), timeout=1).close()
    except OSError:
        return False
    return True


def _fault_of_listening(dashboard: DashboardSettings) -> str:
    family = socket.AF_INET6 if ":" in dashboard.listen else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((dashboard.listen, dashboard.port))
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""


def _keys(around: Surroundings) -> Keys | None:
    """Return the dashboard's keys. They are not made here, other than by `load_keys`."""
    try:
        return load_keys(around.paths) if keys_file(around.paths).exists() else None
    except PartylineError:
        return None


def _program_at(number: int) -> str:
    """Return the program that listens at a TCP port, "" if it belongs to another user."""
    for process in psutil.process_iter():
        try:
            listening = process.net_connections("tcp")
            if any(one.status == psutil.CONN_LISTEN and one.laddr.port == number for one in listening):
                return f"{process.name()} ({process.pid})"
        except (psutil.AccessDenied, psutil.NoSuchProcess):
            continue
    return ""
