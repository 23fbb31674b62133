"""The mapping from an exchange to a known call."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from captures.folder import path_of
from captures.model import Exchange
from captures.scrub.allow_list import LOOPBACK
from common.config.tables import PsnSettings
from common.psn.known import ENDPOINTS, Endpoint, endpoint_of

_PSN = PsnSettings()
ROLES = {
    urlsplit(url).hostname or "": role
    for role, url in (
        ("account", _PSN.account_url), ("mobile", _PSN.mobile_url), ("web", _PSN.web_url), ("dms", _PSN.dms_url),
        ("profile", _PSN.profile_url), ("push", _PSN.push_url),
    )
}  # fmt: skip
_PUSH = re.compile(r"[0-9-]+-pushcl\.np\.communication\.playstation\.net")


def host_of(exchange: Exchange) -> str:
    """Return the host for people. All push servers have one name."""
    return re.sub(r"^[0-9]{1,3}(?:-[0-9]{1,3}){3}-", "*address*-", exchange.host)


def endpoint(exchange: Exchange) -> Endpoint | None:
    """Return the known call, or None if it is unknown. On loopback (a simulator) only the path counts."""
    path = path_of(exchange)
    if exchange.host in LOOPBACK:
        roles = sorted({entry.host for entry in ENDPOINTS})
        return next((found for role in roles if (found := endpoint_of(exchange.method, role, path))), None)
    role = "push_socket" if _PUSH.fullmatch(exchange.host) else ROLES.get(exchange.host, "")
    return endpoint_of(exchange.method, role, path)


def name_of(exchange: Exchange) -> str:
    """Return method and path template, of the known call or as in the capture."""
    known = endpoint(exchange)
    return known.name if known else f"{exchange.method} {exchange.path}"
