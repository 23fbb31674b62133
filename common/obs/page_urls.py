"""The addresses of the pages that OBS shows."""

from __future__ import annotations

from collections.abc import Callable

from common.config.dashboard_owner import check
from common.config.pages import base_url, base_url_for_others, load_keys, url_at
from common.config.tables import Settings
from common.files.paths import Paths
from common.system.hostname import local_name


def maker(paths: Paths, settings: Settings, own_address: str = "") -> Callable[[str, str], str]:
    """Return what makes the addresses of pages, for a member ("": all). It asks who has the dashboard's port, once.

    `own_address`: where an OBS on another machine reaches this one. Raises `PartylineError` if another program has the
    port. What it returns raises it if the dashboard is open to this machine only. It may take 3 s, so an event loop
    calls it in a thread.
    """
    keys = load_keys(paths)
    check(settings.dashboard, keys)
    dashboard = settings.dashboard
    own_name = local_name() if own_address else ""

    def make(page: str, talker: str = "") -> str:
        base = base_url_for_others(dashboard, own_address, own_name) if own_address else base_url(dashboard)
        return url_at(base, page.strip("/"), keys.read, **({"talker": talker} if talker else {}))

    return make


def maker_at(base: str, read_key: str) -> Callable[[str, str], str]:
    """Return the same for pages below `base`, which a paired machine brings here."""

    def make(page: str, talker: str = "") -> str:
        return url_at(base, page.strip("/"), read_key, **({"talker": talker} if talker else {}))

    return make


def url(paths: Paths, settings: Settings, page: str, talker: str = "") -> str:
    """Return the address of `page`, with the read-only key. `talker`: only this member's audio.

    Raises `PartylineError` if another program has the dashboard's port.
    """
    return maker(paths, settings)(page, talker)
