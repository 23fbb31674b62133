"""The addresses of the pages that OBS shows."""

from __future__ import annotations

from collections.abc import Callable

from common.config.dashboard_owner import check
from common.config.pages import load_keys, page_url
from common.config.tables import Settings
from common.files.paths import Paths


def maker(paths: Paths, settings: Settings) -> Callable[[str, str], str]:
    """Return what makes the addresses of pages, for a member ("": all). It asks who has the dashboard's port, once.

    Raises `PartylineError` if another program has it. It may take 3 s, so an event loop calls it in a thread.
    """
    keys = load_keys(paths)
    check(settings.dashboard, keys)

    def make(page: str, talker: str = "") -> str:
        return page_url(settings.dashboard, page.strip("/"), keys.read, **({"talker": talker} if talker else {}))

    return make


def url(paths: Paths, settings: Settings, page: str, talker: str = "") -> str:
    """Return the address of `page`, with the read-only key. `talker`: only this member's audio.

    Raises `PartylineError` if another program has the dashboard's port.
    """
    return maker(paths, settings)(page, talker)
