"""The addresses of the pages, a line for each, below any base: of this machine, for other devices, of a paired one."""

from __future__ import annotations

from cli.shared.failures import CommandError
from common.config.pages import Keys, https_url, is_any, url_at
from common.config.settings import is_loopback
from common.config.tables import DashboardSettings
from common.system.hostname import local_name

PAGES = {
    "": "the dashboard",
    "start": "the guide",
    "dock": "faders for a dock in OBS",
    "overlay-setup": "set up the overlay",
    "overlay": "overlay for OBS",
    "obs-audio": "sound for OBS",
    "obs-stream": "the same for its Media Source",
}
NEED_FULL_KEY = frozenset({"", "start", "dock", "overlay-setup"})


def page_list(base: str, keys: Keys) -> list[str]:
    """Return the lines. Without the full key, pages that need it are left out."""
    found = {
        what: url_at(base, page, keys.full if page in NEED_FULL_KEY else keys.read)
        for page, what in PAGES.items()
        if keys.full or page not in NEED_FULL_KEY
    }
    found["the API, explained"] = f"{base}/api"
    width = max(map(len, found))
    return [f"{what:<{width}}  {url}" for what, url in found.items()]


def for_others(settings: DashboardSettings) -> str:
    """Return the base for other devices. Raises `CommandError` if none is let in."""
    if is_loopback(settings.listen):
        raise CommandError(
            "The pages are open to this machine only.",
            "`partyline https on` opens them to other devices. A paired machine needs no open port: run "
            "`partyline --at MACHINE dashboard` on it.",
        )
    return https_url(local_name() if is_any(settings.listen) else settings.listen, settings.port)
