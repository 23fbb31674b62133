"""The addresses of the pages that OBS shows."""

from __future__ import annotations

from common.config.dashboard_owner import check
from common.config.pages import load_keys, page_url
from common.config.tables import Settings
from common.files.paths import Paths


def url(paths: Paths, settings: Settings, page: str, talker: str = "") -> str:
    """Return the address of `page`, with the read-only key. `talker`: only this member's audio.

    Raises `PartylineError` if another program has the dashboard's port.
    """
    query = {"talker": talker} if talker else {}
    keys = load_keys(paths)
    check(settings.dashboard, keys)
    return page_url(settings.dashboard, page.strip("/"), keys.read, **query)
