"""The addresses of the pages that OBS shows."""

from __future__ import annotations

from common.pages import load_keys, page_url
from common.paths import Paths
from common.tables import Settings


def url(paths: Paths, settings: Settings, page: str, talker: str = "") -> str:
    """Return the address of `page`, with the key that may only read; `talker`: one member's voice alone."""
    query = {"talker": talker} if talker else {}
    return page_url(settings.dashboard, page.strip("/"), load_keys(paths).read, **query)
